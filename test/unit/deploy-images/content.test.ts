import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type ContextFile, contentHash, contentTag, writeContext } from '../../../lib/deploy/images/content.ts';
import { suite } from '../../support/suite.ts';

const test = suite('content of a build context');

const file = (path: string, text: string, executable = false): ContextFile => ({
  path,
  content: Buffer.from(text),
  executable,
});

test('the order of files and inputs does not change the hash', () => {
  const [a, b] = [file('a', '1'), file('b', '2')];
  assert.is(contentHash([a, b], { x: '1', y: '2' }), contentHash([b, a], { y: '2', x: '1' }));
});

test('a byte, a path, a mode and an input each change the hash', () => {
  const base = contentHash([file('a', '1')], { x: '1' });
  const others = [
    contentHash([file('a', '2')], { x: '1' }),
    contentHash([file('b', '1')], { x: '1' }),
    contentHash([file('a', '1', true)], { x: '1' }),
    contentHash([file('a', '1')], { x: '2' }),
    contentHash([file('a', '1')], {}),
  ];
  assert.is(new Set([base, ...others]).size, others.length + 1);
});

test('bytes that move from one file to the next change the hash', () => {
  const one = contentHash([file('a', 'xy'), file('b', '')], {});
  assert.is.not(one, contentHash([file('a', 'x'), file('b', 'y')], {}));
});

test('a tag is the repository and the first twelve digits', () => {
  assert.is(contentTag('claude-bottle-agent', '0123456789abcdef'), 'claude-bottle-agent:0123456789ab');
});

test('modes in a written context do not depend on the umask', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claude-bottle-content-'));
  const umask = process.umask(0o077);
  try {
    writeContext(
      [file('Dockerfile', 'FROM x'), file('rootfs/usr/bin/tool', '#!/bin/sh', true)],
      join(folder, 'context'),
    );
  } finally {
    process.umask(umask);
  }
  const mode = (path: string) => statSync(join(folder, 'context', path)).mode & 0o777;
  assert.is(readFileSync(join(folder, 'context', 'Dockerfile'), 'utf8'), 'FROM x');
  assert.equal(
    ['Dockerfile', 'rootfs', 'rootfs/usr/bin', 'rootfs/usr/bin/tool'].map(mode),
    [0o644, 0o755, 0o755, 0o755],
  );
  rmSync(folder, { recursive: true });
});

test.run();
