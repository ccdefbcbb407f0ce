import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { BASES, LOCAL_BASES } from '../../../images/bases/pins.ts';
import { localBaseTag } from '../../../lib/deploy/images/base-recipe.ts';
import {
  ensureAgentImage,
  ensureSidecarImage,
  readLock,
  type Scanner,
  writeLock,
} from '../../../lib/deploy/images/index.ts';
import { type Progress, silent } from '../../../lib/deploy/progress.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';
import { type FakeDocker, fakeDocker } from './fake-docker.ts';

const test = suite('sidecar image', { timeoutMs: 60_000 });
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const ALL = Object.fromEntries(Object.values(BASES).map(({ reference }, i) => [reference, digest(String(i))]));
const STAND_INS = Object.fromEntries(LOCAL_BASES.map((name) => [localBaseTag(name, 'amd64'), {}]));

let docker: FakeDocker;
const said: string[] = [];
const progress: Progress = { ...silent, say: (text) => said.push(text) };
const projectDir = () => join(docker.folder, 'project');
const lockFile = () => join(projectDir(), 'claude-bottle.lock');

test.beforeEach(() => {
  docker = fakeDocker();
  said.length = 0;
});
test.afterEach(() => docker.remove());

const ensure = (engine: Scanner | null = null) =>
  ensureSidecarImage({ projectDir: projectDir(), engine, env: docker.env, progress });

async function failure(work: Promise<unknown>): Promise<BottleError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

/** The build arguments of a `docker build`. */
const buildArgs = (argv: readonly string[] | undefined): string[] =>
  (argv ?? []).filter((_, i, all) => all[i - 1] === '--build-arg').sort();

test('without a registry the first build takes the stand-ins and the built-in scanner, and says and records it', async () => {
  docker.set({ images: STAND_INS });
  const image = await ensure();
  assert.is(image.scanner, 'builtin');
  assert.is(image.scannerSource, 'first build');
  assert.match(image.tag, /^claude-bottle-sidecars:[0-9a-f]{12}$/);
  assert.is(readLock(lockFile()).scanner, 'builtin');
  assert.is(said.length, 1);
  assert.match(said[0] ?? '', 'built-in scanner');
  assert.equal(buildArgs(docker.calls('build')[0]), [
    `GITLEAKS_IMAGE=${localBaseTag('gitleaks', 'amd64')}`,
    `MITMPROXY_IMAGE=${localBaseTag('mitmproxy', 'amd64')}`,
    `NODE_IMAGE=${localBaseTag('node', 'amd64')}`,
    'SCANNER=builtin',
  ]);
});

test('with a registry the first build takes pipelock and keeps every digest in the lock', async () => {
  docker.set({ registry: ALL });
  const image = await ensure();
  assert.is(image.scanner, 'pipelock');
  const { scanner, images } = readLock(lockFile());
  assert.is(scanner, 'pipelock');
  assert.equal(Object.keys(images), ['node', 'gitleaks', 'mitmproxy', 'pipelock']);
  const wanted = `PIPELOCK_IMAGE=ghcr.io/luckypipewrench/pipelock@${ALL[BASES.pipelock.reference]}`;
  assert.ok(buildArgs(docker.calls('build')[0]).includes(wanted));
});

test('a choice of pipelock outlives its registry: the digests of the lock are used, nothing is asked', async () => {
  docker.set({ registry: ALL });
  const first = await ensure();
  docker.set({ registry: null, images: STAND_INS });
  const second = await ensure();
  assert.is(second.scanner, 'pipelock');
  assert.is(second.tag, first.tag);
  assert.is(docker.calls('pull').length, 5);
});

test('a registry that refuses pipelock decides nothing: the weaker scanner is never taken over a passing error', async () => {
  docker.set({ images: STAND_INS, registry: {} });
  assert.is((await failure(ensure())).code, 'images/scanner-undecided');
  assert.is(readLock(lockFile()).scanner, undefined);
  assert.is(docker.calls('build').length, 0);
});

test('pipelock that was chosen and cannot be had stops the build, and never becomes the built-in scanner', async () => {
  docker.set({ images: STAND_INS });
  writeLock(lockFile(), { scanner: 'pipelock', images: {} });
  const error = await failure(ensure());
  assert.is(error.code, 'images/base-unavailable');
  assert.match(error.fix ?? '', 'scanner=builtin');
  assert.is(docker.calls('build').length, 0);
  assert.is(readLock(lockFile()).scanner, 'pipelock');
});

test('a definition that insists on pipelock stops without it, and leaves the lock alone', async () => {
  docker.set({ images: STAND_INS });
  assert.is((await failure(ensure('pipelock'))).code, 'images/base-unavailable');
  assert.is(readLock(lockFile()).scanner, undefined);
});

test('the built-in scanner of the lock stays, although pipelock answers now', async () => {
  docker.set({ registry: ALL });
  writeLock(lockFile(), { scanner: 'builtin', images: {} });
  const image = await ensure();
  assert.is(image.scanner, 'builtin');
  assert.not.ok(docker.calls('pull').flat().includes(BASES.pipelock.reference));
});

test('unchanged content is not built again', async () => {
  docker.set({ images: STAND_INS });
  const first = await ensure();
  const second = await ensure();
  assert.ok(first.built);
  assert.not.ok(second.built);
  assert.is(second.tag, first.tag);
  assert.is(docker.calls('build').length, 1);
});

test('each engine asked for has an image of its own', async () => {
  docker.set({ registry: ALL });
  assert.is.not((await ensure('pipelock')).tag, (await ensure('builtin')).tag);
});

test('without a registry and without stand-ins the error names the command that builds them', async () => {
  const error = await failure(ensure());
  assert.is(error.code, 'images/base-unavailable');
  assert.match(error.fix ?? '', 'npm run demo');
});

test('a reference on a mirror replaces the pinned one', async () => {
  docker.set({ registry: { ...ALL, 'mirror.test/node:24': digest('c') } });
  const env = { ...docker.env, CLAUDE_BOTTLE_NODE_IMAGE: 'mirror.test/node:24' };
  await ensureSidecarImage({ projectDir: projectDir(), engine: 'builtin', env, progress });
  assert.ok(buildArgs(docker.calls('build')[0]).includes(`NODE_IMAGE=mirror.test/node@${digest('c')}`));
});

test('the extra CA goes in as a secret file, which is gone afterwards, and never in an argument', async () => {
  docker.set({ images: STAND_INS });
  const ca = join(import.meta.dirname, 'ca.pem');
  const env = { ...docker.env, NODE_EXTRA_CA_CERTS: ca };
  await ensureSidecarImage({ projectDir: projectDir(), engine: 'builtin', env, progress });
  const argv = docker.calls('build')[0] ?? [];
  const secret = argv[argv.indexOf('--secret') + 1] ?? '';
  assert.match(secret, /^id=extra_ca,src=/);
  assert.throws(() => readFileSync(secret.replace('id=extra_ca,src=', '')), /ENOENT/);
  assert.not.match(argv.join(' '), 'CERTIFICATE');
});

test('the agent image takes an exact version only', async () => {
  docker.set({ images: STAND_INS });
  const agent = (version: string) => ensureAgentImage({ projectDir: projectDir(), version, env: docker.env, progress });
  for (const version of ['latest', '2', '^2.1.0', '2.1.0 --registry x']) {
    assert.is((await failure(agent(version))).code, 'images/agent-version');
  }
  const [one, two] = [await agent('2.1.330'), await agent('2.1.329')];
  assert.is.not(one.tag, two.tag);
  assert.ok(buildArgs(docker.calls('build')[0]).includes('CLAUDE_CODE_VERSION=2.1.330'));
});

test.run();
