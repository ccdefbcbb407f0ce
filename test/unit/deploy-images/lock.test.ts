import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readLock, writeLock } from '../../../lib/deploy/images/index.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('claude-bottle.lock');
const folder = mkdtempSync(join(tmpdir(), 'claude-bottle-lock-'));
const file = join(folder, 'project', 'claude-bottle.lock');
const digest = `sha256:${'a'.repeat(64)}`;

test.after(() => rmSync(folder, { recursive: true }));

test('a file that does not exist is an empty lock', () => {
  assert.equal(readLock(join(folder, 'none')), { images: {} });
});

test('what is written is read back, and nothing else is left beside it', () => {
  const lock = { scanner: 'builtin', images: { node: { reference: 'node:24-trixie-slim', digest } } } as const;
  writeLock(file, lock);
  assert.equal(readLock(file), lock);
  assert.equal(readdirSync(join(folder, 'project')), ['claude-bottle.lock']);
});

test('the same lock is the same bytes, whatever the order of its images', () => {
  const node = { reference: 'n', digest };
  const debian = { reference: 'd', digest };
  writeLock(file, { images: { node, debian } });
  const first = readFileSync(file, 'utf8');
  writeLock(file, { images: { debian, node } });
  assert.is(readFileSync(file, 'utf8'), first);
});

test('an unknown key, scanner or digest is refused and names the file', () => {
  const bad = [
    'version: 1\nscaner: builtin\n',
    'version: 1\nscanner: none\n',
    'version: 2\n',
    'version: 1\nimages: { node: { reference: n, digest: latest } }\n',
    'version: 1\nimages: { nobody: { reference: n, digest: latest } }\n',
    'version: [\n',
  ];
  for (const text of bad) {
    writeFileSync(file, text);
    try {
      readLock(file);
      assert.unreachable(text);
    } catch (error) {
      assert.instance(error, BottleError, text);
      assert.is((error as BottleError).code, 'images/lock-invalid');
      assert.match((error as BottleError).message, file);
    }
  }
});

test('a lock that cannot be read or written is told with its path and a fix, and leaves nothing behind', () => {
  writeFileSync(join(folder, 'a-file'), '');
  mkdirSync(join(folder, 'taken', 'claude-bottle.lock', 'x'), { recursive: true });
  const below = join(folder, 'a-file', 'claude-bottle.lock');
  const taken = join(folder, 'taken', 'claude-bottle.lock');
  for (const [path, use] of [
    [below, () => readLock(below)],
    [below, () => writeLock(below, { images: {} })],
    [taken, () => readLock(taken)],
    [taken, () => writeLock(taken, { images: {} })],
  ] as const) {
    try {
      use();
      assert.unreachable(path);
    } catch (error) {
      assert.instance(error, BottleError, String(error));
      assert.is((error as BottleError).code, 'images/lock-unusable');
      assert.match((error as BottleError).message, path);
      assert.ok((error as BottleError).fix);
    }
  }
  assert.equal(readdirSync(join(folder, 'taken')), ['claude-bottle.lock']);
});

test.run();
