import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadBottle, loadManifest } from '../../../lib/deploy/assembly.ts';
import { bottleAuthorities } from '../../../lib/deploy/certificates/index.ts';
import { bottleFiles, ensureBottleDirectories } from '../../../lib/deploy/state/bottle-files.ts';
import { changedPaths, readOwnFiles, replaceStateFiles, SECRET, textFile } from '../../../lib/deploy/state/contents.ts';
import { composeOverride } from '../../../lib/deploy/state/override.ts';
import { BottleError } from '../../../lib/errors.ts';
import { stateDirectory, stateDirectoryProblem } from '../../../lib/operate/state/directory.ts';
import { withLock } from '../../../lib/operate/state/lock.ts';
import { suite } from '../../support/suite.ts';
import { NOTHING_REQUIRED, writeAssembly } from './assembly.ts';

const test = suite('the state directory');

let directory = '';
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'deploy-state-'));
});
test.after(() => rmSync(directory, { recursive: true, force: true }));

const fresh = (): string => mkdtempSync(join(directory, 's-'));
const mode = (path: string): number => statSync(path).mode & 0o7777;

test('secrets are 0600 in 0700 directories, the rest 0644 in 0755, whatever the umask', async () => {
  const root = fresh();
  const outdir = writeAssembly(fresh(), { requires: { ...NOTHING_REQUIRED } });
  const bottle = loadBottle(outdir, loadManifest(outdir), 'demo');
  const files = bottleFiles({
    bottle: { ...bottle, manifest: { ...bottle.manifest, daemons: ['egress', 'pipelock', 'git-gate', 'supervise'] } },
    projectDir: '/project',
    authorities: await bottleAuthorities(root, 'demo', ['egress', 'pipelock']),
    trustedCAs: '',
    identityKeys: new Map([['app', 'KEY\n']]),
    skills: [],
    pins: {},
  });
  const previous = process.umask(0o077);
  try {
    replaceStateFiles(root, new Map(), files);
    ensureBottleDirectories(root, { ...bottle.manifest, daemons: ['egress', 'pipelock', 'git-gate', 'supervise'] });
  } finally {
    process.umask(previous);
  }
  assert.is(mode(root), 0o700);
  for (const path of ['secrets', 'secrets/egress', 'secrets/pipelock', 'secrets/git-gate', 'ca']) {
    assert.is(mode(join(root, path)), 0o700, path);
    for (const name of readdirSync(join(root, path))) {
      if (statSync(join(root, path, name)).isFile()) assert.is(mode(join(root, path, name)), 0o600, name);
    }
  }
  for (const path of ['egress', 'pipelock', 'git-gate', 'supervise', 'agent', 'trust']) {
    assert.is(mode(join(root, path)), 0o755, path);
  }
  assert.is(mode(join(root, 'egress/routes.yaml')), 0o644);
  assert.is(mode(join(root, 'agent/entrypoint.sh')), 0o755);
  assert.is(mode(join(root, 'queue')), 0o2770);
  assert.is(mode(join(root, 'events')), 0o2750, 'the group of the daemons reads events, and writes none');
  const first = readFileSync(join(root, 'secrets/egress/mitmproxy-ca.pem'), 'utf8');
  assert.match(
    first,
    /^-----BEGIN EC PRIVATE KEY-----[\s\S]+-----END EC PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----/,
  );
  assert.is(readFileSync(join(root, 'secrets/git-gate/app.key'), 'utf8'), 'KEY\n');
});

test('a replacement writes what differs, removes what is gone, and leaves what deploy does not own', () => {
  const root = fresh();
  replaceStateFiles(
    root,
    new Map(),
    new Map([
      ['egress/a', textFile('1')],
      ['egress/b', textFile('2')],
    ]),
  );
  mkdirSync(join(root, 'queue'));
  writeFileSync(join(root, 'queue/x.proposal.json'), '{}');
  const inode = statSync(join(root, 'egress/b')).ino;
  const before = readOwnFiles(root);
  const after = new Map([
    ['egress/b', textFile('2')],
    ['ca/c', textFile('3', SECRET)],
  ]);
  assert.equal(changedPaths(before, after).sort(), ['ca/c', 'egress/a']);
  replaceStateFiles(root, before, after);
  assert.equal([...readOwnFiles(root).keys()].sort(), ['ca/c', 'egress/b']);
  assert.is(statSync(join(root, 'egress/b')).ino, inode);
  assert.ok(existsSync(join(root, 'queue/x.proposal.json')));
  assert.not(readdirSync(root).some((name) => name.startsWith('.staging')));
});

test('a write that fails half-way leaves every old file in place', () => {
  const root = fresh();
  const before = new Map([['egress/a', textFile('old')]]);
  replaceStateFiles(root, new Map(), before);
  const broken = new Map([
    ['egress/a', textFile('new')],
    ['egress/b', { content: undefined as unknown as Buffer, mode: 0o644 }],
  ]);
  assert.throws(() => replaceStateFiles(root, before, broken), /cannot be written/);
  assert.is(readFileSync(join(root, 'egress/a'), 'utf8'), 'old');
  assert.equal(readdirSync(root), ['egress']);
});

test('the override pins what deploy built and never asks a registry for it', () => {
  assert.is(composeOverride({}), undefined);
  const text = composeOverride({ sidecars: 'claude-bottle-sidecars:abc' }) ?? '';
  assert.match(text, /sidecars:\n {4}image: claude-bottle-sidecars:abc\n {4}pull_policy: never/);
});

test('a state directory that is a link, a file or of another user is refused', () => {
  const root = fresh();
  assert.is(stateDirectoryProblem(join(root, 'none')), undefined);
  assert.is(stateDirectoryProblem(root), undefined);
  writeFileSync(join(root, 'file'), '');
  assert.is(stateDirectoryProblem(join(root, 'file'))?.code, 'deploy/state-not-a-directory');
  assert.is(stateDirectoryProblem(process.getuid?.() === 0 ? '/proc/self/cwd' : '/')?.name, 'BottleError');
});

test('a home that cannot be made is told with its path, before anything else and without a stack', async () => {
  const root = fresh();
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  for (const home of [join(root, 'file'), join(root, 'file/below/it'), join(root, 'dangling'), '/proc/claude-bottle']) {
    try {
      await withLock(home, 'demo', async () => assert.unreachable(home));
      assert.unreachable(home);
    } catch (error) {
      assert.instance(error, BottleError, String(error));
      assert.is((error as BottleError).code, 'deploy/state-not-writable');
      assert.match((error as BottleError).message, home);
      assert.match((error as BottleError).fix ?? '', 'CLAUDE_BOTTLE_HOME');
    }
  }
  assert.is(stateDirectoryProblem(join(root, 'file/state'))?.code, 'deploy/state-not-writable');
});

test('two changes of one bottle at once: the second is told who has it', async () => {
  const home = fresh();
  let release = (): void => {};
  const first = withLock(home, 'demo', () => new Promise<void>((resolve) => (release = resolve)));
  try {
    await withLock(home, 'demo', async () => {});
    assert.unreachable('the second got the lock');
  } catch (error) {
    assert.match(String(error), new RegExp(`pid ${process.pid}`));
  }
  await withLock(home, 'other', async () => {});
  release();
  await first;
  await withLock(home, 'demo', async () => {});
  assert.equal(readdirSync(join(home, 'state')), []);
});

test('a lock whose process has died is taken over, also if its pid lives again', async () => {
  const home = fresh();
  const { pid } = spawnSync('true');
  for (const text of [`${pid} 1\n`, `${process.pid} 1\n`, '']) {
    mkdirSync(join(home, 'state'), { recursive: true });
    writeFileSync(`${stateDirectory(home, 'demo')}.lock`, text);
    assert.is(await withLock(home, 'demo', async () => 'ran'), 'ran');
  }
});

test('a manifest that leads out of its directory is refused', () => {
  const outdir = writeAssembly(fresh());
  const file = join(outdir, 'manifest.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"egress/routes.yaml"', '"../../escape"'));
  assert.throws(() => loadManifest(outdir), /not a manifest/);
  writeFileSync(file, text.replaceAll('"demo"', '"../x"'));
  assert.throws(() => loadManifest(outdir), /not a manifest/);
});

test('a file that was changed after synth is refused by name', () => {
  const outdir = writeAssembly(fresh());
  chmodSync(join(outdir, 'demo/egress/routes.yaml'), 0o644);
  writeFileSync(join(outdir, 'demo/egress/routes.yaml'), 'version: 1\nroutes: [evil]\n');
  try {
    loadBottle(outdir, loadManifest(outdir), 'demo');
    assert.unreachable();
  } catch (error) {
    assert.match(JSON.stringify(error), /demo\/egress\/routes.yaml/);
  }
});

test.run();
