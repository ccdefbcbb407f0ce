import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { silent } from '../../../lib/deploy/progress.ts';
import { ensureSnapshot, hasSnapshot } from '../../../lib/deploy/workspace/snapshot.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';
import { plant, type Tree, withFolder } from './folder.ts';

const test = suite('snapshot of a workspace');

interface Taken {
  readonly source: string;
  readonly stateDir: string;
  /** Of the copy. */
  path(name: string): string;
  /** Takes it, again. */
  take(): Promise<void>;
  readonly said: string[];
}

const taken = (
  tree: Tree,
  look: (taken: Taken) => void | Promise<void>,
  before = (_: string): void => {},
): Promise<void> =>
  withFolder(tree, async (source) => {
    before(source);
    const stateDir = join(dirname(source), 'state');
    mkdirSync(stateDir);
    const said: string[] = [];
    const progress = { ...silent, say: (text: string) => said.push(text), warn: (text: string) => said.push(text) };
    const take = () => ensureSnapshot({ stateDir, name: 'app', source }, progress, undefined);
    await take();
    await look({ source, stateDir, said, take, path: (name) => join(stateDir, 'snapshot/app', name) });
  });

test('files come with their content and whether they can be run, and no other right', () =>
  taken(
    { 'a.txt': 'text', 'bin/run': '#!/bin/sh', 'locked/secret': 'x', empty: null },
    ({ path }) => {
      assert.is(readFileSync(path('a.txt'), 'utf8'), 'text');
      assert.ok(statSync(path('empty')).isDirectory());
      const modes = ['a.txt', 'bin/run', 'locked', 'locked/secret'].map((name) => statSync(path(name)).mode & 0o7777);
      assert.equal(modes, [0o644, 0o755, 0o755, 0o644]);
    },
    (source) => {
      chmodSync(join(source, 'bin/run'), 0o4700);
      chmodSync(join(source, 'locked/secret'), 0o600);
      chmodSync(join(source, 'locked'), 0o700);
    },
  ));

test('a link stays a link and is never followed, and one that leads out is told', () =>
  taken(
    { 'a.txt': '', inner: { to: 'a.txt' }, out: { to: '/etc/passwd' }, up: { to: '../..' }, dir: { to: '/etc' } },
    ({ path, said }) => {
      assert.equal(
        ['inner', 'out', 'up', 'dir'].map((name) => readlinkSync(path(name))),
        ['a.txt', '/etc/passwd', '../..', '/etc'],
      );
      const told = said.find((line) => line.includes('lead out')) ?? '';
      assert.match(told, /dir, out and up$/);
    },
  ));

test('a pipe is left out with a word, and does not hold the copy up', () =>
  taken(
    { 'a.txt': '' },
    ({ path, said }) => {
      assert.not.ok(existsSync(path('pipe')));
      assert.ok(existsSync(path('a.txt')));
      assert.ok(said.some((line) => /neither file, directory nor link: pipe/.test(line)));
    },
    (source) => execFileSync('mkfifo', [join(source, 'pipe')]),
  ));

test('what .bottleignore names is not copied, directories and exceptions included', () =>
  taken(
    {
      '.bottleignore': 'node_modules/\n*.log\n!keep.log\n/.env\n',
      '.env': 'TOKEN=1',
      'node_modules/x/index.js': '',
      'a.log': '',
      'keep.log': '',
      'sub/.env': '',
    },
    ({ path }) => {
      const names = readdirSync(path('.'), { recursive: true, encoding: 'utf8' }).sort();
      assert.equal(names, ['.bottleignore', 'keep.log', 'sub', 'sub/.env']);
    },
  ));

test('files that look like credentials are told by name, never by content', () =>
  taken(
    {
      '.env': 'PLAIN=hunter2',
      '.env.example': 'PLAIN=',
      '.npmrc': '//registry.example.org/:_authToken=hunter2',
      'sub/.npmrc': 'save-exact=true',
      'keys/id_ed25519': 'x',
      'cert.pem': '-----BEGIN CERTIFICATE-----',
      'key.pem': '-----BEGIN PRIVATE KEY-----',
      '.git/config': '[remote "origin"]\n\turl = https://me:hunter2@git.example.org/x.git\n',
    },
    ({ said }) => {
      const warning = said.find((line) => line.includes('credentials')) ?? '';
      for (const name of ['.env', '.npmrc', 'keys/id_ed25519', 'key.pem', '.git/config']) {
        assert.ok(warning.includes(name), name);
      }
      assert.not.match(warning, /example|sub\/|cert\.pem|hunter2/);
      assert.match(warning, /\.bottleignore/);
    },
  ));

test('it is taken once: what changes later does not reach the agent, and a cut-off copy counts for nothing', () =>
  taken({ 'a.txt': 'first' }, async ({ path, source, stateDir, take }) => {
    writeFileSync(join(source, 'a.txt'), 'second');
    await take();
    assert.is(readFileSync(path('a.txt'), 'utf8'), 'first');
    // As if the process had been ended in the middle: no record, and something half made.
    rmSync(join(stateDir, 'snapshot.json'));
    plant(stateDir, { '.snapshot-dead/app/a.txt': 'half' });
    assert.not.ok(hasSnapshot({ stateDir, name: 'app', source }));
    await take();
    assert.is(readFileSync(path('a.txt'), 'utf8'), 'second');
    assert.not.ok(readdirSync(stateDir).some((name) => name.startsWith('.snapshot-')));
  }));

test('another directory takes the place of the first, whole', () =>
  taken({ 'a.txt': '' }, async ({ stateDir, source }) => {
    const other = join(dirname(source), 'other');
    plant(other, { 'b.txt': '' });
    await ensureSnapshot({ stateDir, name: 'other', source: other }, silent, undefined);
    assert.equal(readdirSync(join(stateDir, 'snapshot')), ['other']);
    assert.is(lstatSync(join(stateDir, 'snapshot')).mode & 0o777, 0o755);
  }));

test('what cannot be copied is an error that names it, and leaves nothing half made', () =>
  withFolder({ 'sub/a.txt': '' }, async (source) => {
    const stateDir = join(dirname(source), 'state');
    plant(stateDir, { 'snapshot/app': null });
    // Fails for root as well: a name that is no UTF-8.
    execFileSync('sh', ['-c', 'touch "$(printf "%s/sub/\\377" "$1")"', 'sh', source]);
    try {
      await ensureSnapshot({ stateDir, name: 'app', source }, silent, undefined);
      assert.unreachable('it did not fail');
    } catch (error) {
      assert.instance(error, BottleError);
      assert.match(String(error), /sub\/.*not UTF-8/);
    }
    assert.not.ok(hasSnapshot({ stateDir, name: 'app', source }));
    assert.equal(readdirSync(stateDir), ['snapshot']);
  }));

test.run();
