import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createDocker } from '../../../lib/operate/index.ts';
import { deployedBottle } from '../../../lib/operate/list/index.ts';
import { type BottleStatus, bottleStatus } from '../../../lib/operate/status/index.ts';
import { suite } from '../../support/suite.ts';
import { type Answer, environmentWith, fakeDocker } from '../deploy/fake-docker.ts';
import { inspected, type Seen, savedRecord } from './found.ts';

const test = suite('the status of a bottle', { timeoutMs: 30_000 });

const ROUTES = 'version: 1\nroutes: []\n';
const PIPELOCK = 'version: 1\n';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const up = (file: string, more: object = {}) => ({ up: true, restarts: 0, digest: sha256(file), detail: '', ...more });

interface Scene {
  readonly health?: unknown;
  readonly record?: object;
  readonly containers?: readonly Partial<Seen>[];
  readonly version?: string;
  readonly workspace?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Further preparation of the state directory. */
  readonly prepare?: (stateDir: string) => void;
  readonly answers?: readonly Answer[];
}

async function statusOf(scene: Scene): Promise<BottleStatus> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'operator-status-')));
  const stateDir = join(home, 'state', 'demo');
  const files = { 'egress/routes.yaml': ROUTES, 'pipelock/pipelock.yaml': PIPELOCK, ...scene.files };
  for (const [path, text] of Object.entries({
    ...files,
    'deployed.json': JSON.stringify(savedRecord(scene.record ?? {})),
  })) {
    mkdirSync(join(stateDir, path, '..'), { recursive: true });
    writeFileSync(join(stateDir, path), text);
  }
  scene.prepare?.(stateDir);
  const networks = ['claude-bottle-demo_internal', 'claude-bottle-demo_egress'];
  const base = { slug: 'demo', stateDir };
  const both: readonly Seen[] = [
    { ...base, name: 'claude-bottle-sidecars-demo', service: 'sidecars', health: 'healthy', networks },
    { ...base, name: 'claude-bottle-demo', service: 'agent', networks: networks.slice(0, 1) },
  ];
  const seen = both.map((one, index) => ({ ...one, ...scene.containers?.[index] }));
  const health = scene.health ?? { healthy: true, daemons: { egress: up(ROUTES), pipelock: up(PIPELOCK) } };
  const fake = fakeDocker([
    ...(scene.answers ?? []),
    { call: '"ps --all"*', stdout: seen.map(({ name }) => `${name}\n`).join('') },
    { call: '"container inspect"*', stdout: seen.map(inspected).join('') },
    { call: '*"bundle-health"', stdout: JSON.stringify(health) },
    { call: '*"/pipelock version"', stdout: scene.version ?? 'pipelock version 2.3.0+builtin\n' },
    { call: '*"claude-bottle-workspace"', stdout: scene.workspace ?? '' },
    { call: '"network inspect"*', stdout: '{"Id":"0123456789abcdef","Options":{}}\n' },
  ]);
  try {
    const docker = createDocker({ env: environmentWith(fake) });
    return await bottleStatus(docker, await deployedBottle(docker, home, 'demo'));
  } finally {
    fake.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

test('a bottle with which nothing is the matter is healthy, its policies in force', async () => {
  const status = await statusOf({});
  assert.equal(status.problems, []);
  assert.is(status.healthy, true);
  assert.is(status.state, 'healthy');
  assert.equal(status.scanner, { engine: 'builtin', version: '2.3.0+builtin' });
  assert.equal(
    status.daemons.map(({ daemon, up: isUp, policy }) => [daemon, isUp, policy.standing, policy.running]),
    [
      ['egress', true, 'in force', sha256(ROUTES)],
      ['pipelock', true, 'in force', sha256(PIPELOCK)],
    ],
  );
  assert.equal(status.network.egress, ['claude-bottle-demo_egress']);
  assert.equal([status.workspace, status.supervised, status.grants], [null, false, { live: 0, nextExpiry: null }]);
});

test('a policy that is not the file in the state directory is pending, and no health', async () => {
  const status = await statusOf({ files: { 'egress/routes.yaml': `${ROUTES}# changed\n` } });
  assert.is(status.healthy, false);
  assert.is(status.state, 'unhealthy');
  assert.match(status.problems.join('\n'), /egress runs another policy/);
  assert.equal(
    status.daemons.map(({ policy }) => policy.standing),
    ['pending', 'in force'],
  );
});

test('a daemon that says no digest is not taken to run its policy', async () => {
  const daemons = { egress: up(ROUTES, { digest: '' }), pipelock: up(PIPELOCK) };
  const status = await statusOf({ health: { healthy: true, daemons } });
  assert.is(status.healthy, false);
  assert.match(status.problems.join('\n'), /egress does not say which policy it runs/);
});

test('a daemon that is down, and one in a crash loop, are told with what they said', async () => {
  const daemons = {
    egress: { up: false, restarts: 3, digest: '', detail: 'is not running', crashLoop: false },
    pipelock: up(PIPELOCK, { restarts: 6, crashLoop: true }),
  };
  const status = await statusOf({ health: { healthy: false, daemons } });
  assert.is(status.state, 'unhealthy', 'though the last check of the engine was fine');
  assert.equal(status.problems, [
    'egress is down: is not running',
    'pipelock is in a crash loop, started again 6 times',
  ]);
});

test('a bundle that does not answer has no daemon that is up', async () => {
  for (const health of ['', 'not json', { healthy: true }]) {
    const status = await statusOf({ health });
    assert.is(status.healthy, false, JSON.stringify(health));
    assert.ok(status.daemons.every(({ up: isUp }) => !isUp));
    assert.match(status.problems[0] ?? '', /egress is down: its container does not answer/);
  }
});

test('a container that is stopped, gone, restarting or of another image is told', async () => {
  const stopped = await statusOf({ containers: [{ status: 'exited' }] });
  assert.is(stopped.state, 'partial');
  assert.match(stopped.problems.join('\n'), /claude-bottle-sidecars-demo is exited/);
  assert.match(stopped.problems.join('\n'), /egress is down: its container does not run/);
  const restarting = await statusOf({ containers: [{}, { status: 'restarting', restarts: 4 }] });
  assert.equal(restarting.problems, ['claude-bottle-demo is restarting, restarted 4 times']);
  const other = await statusOf({ containers: [{}, { imageId: 'sha256:other' }] });
  assert.match(other.problems.join('\n'), /claude-bottle-demo was made from another image/);
  const gone = await statusOf({ containers: [{}, { stateDir: '/elsewhere' }] });
  assert.equal(gone.problems, ['claude-bottle-demo does not exist']);
});

test('a deploy that did not end, and grants that cannot be read, are problems', async () => {
  const incomplete = await statusOf({ record: { complete: false } });
  assert.match(incomplete.problems.join('\n'), /its last deploy did not end; bottle deploy demo goes on/);
  const grants = await statusOf({ files: { 'grants.json': '{"version":9}' } });
  assert.equal([grants.healthy, grants.grants], [false, null]);
  const asked = { tool: 'egress-block', arguments: {} };
  const queue = await statusOf({
    record: { daemons: ['egress', 'pipelock', 'supervise'] },
    files: { 'queue/x.proposal.json': JSON.stringify(asked) },
  });
  assert.equal(queue.proposals, { open: 0, skipped: 1 }, 'an entry that is no proposal is counted as that');
});

test('live grants are counted with the end that comes next; those that are over are not', async () => {
  const grant = (id: number, more: object) => ({
    id: `00000000-0000-4000-8000-00000000000${id}`,
    host: `h${id}.test`,
    time: '2026-01-31T12:00:00.000Z',
    who: 'me',
    why: '',
    origin: 'allow',
    kind: 'open',
    ...more,
  });
  const [soon, later] = ['2999-01-01T00:00:00.000Z', '2999-02-01T00:00:00.000Z'];
  const grants = [
    grant(1, { expires: later }),
    grant(2, { expires: soon }),
    grant(3, { expires: '2020-01-01T00:00:00.000Z' }),
    grant(4, {}),
  ];
  const status = await statusOf({ files: { 'grants.json': JSON.stringify({ version: 1, grants }) } });
  assert.equal(status.grants, { live: 3, nextExpiry: soon });
});

test('the clone of the workspace and the answer of the scanner are read as the strangers that they are', async () => {
  const workspace = 'failed\ngit said \u001b[31mno\n';
  const status = await statusOf({ record: { workspace: 'app' }, workspace, version: '\u001b]0;x\u0007 1.2' });
  assert.equal(status.workspace, {
    name: 'app',
    state: 'failed',
    detail: 'git said [31mno',
    unprotected: null,
  });
  assert.is(status.scanner.version, null);
  assert.is(status.healthy, true, 'a workspace that could not be cloned is never fatal');
});

const EVENT = { version: 1, daemon: 'egress', event: 'crash', code: 1, restarts: 1, delayMs: 500 };

test('what happened is read from files that anybody may have put there', async () => {
  const time = new Date().toISOString();
  const status = await statusOf({
    prepare: (stateDir) => {
      const directory = join(stateDir, 'events');
      mkdirSync(directory);
      const event = (name: string, text: string): void => writeFileSync(join(directory, name), text);
      event('1700000000001-egress-1.json', JSON.stringify({ ...EVENT, time }));
      event(
        '1700000000002-egress-2.json',
        JSON.stringify({ ...EVENT, time, event: 'crash-loop', detail: 'a\u001b[31mb' }),
      );
      event('1700000000003-egress-3.json', '{');
      event('1700000000004-egress-4.json', JSON.stringify({ ...EVENT, time, padding: 'x'.repeat(20_000) }));
      symlinkSync('/etc/passwd', join(directory, '1700000000005-egress-5.json'));
    },
  });
  assert.equal(
    status.events.map(({ event }) => event),
    ['crash', 'crash-loop'],
  );
  assert.is(status.skippedEvents, 3);
});

test('an engine that does not answer is an error, and not a bottle without containers', async () => {
  const down: Answer = { call: '*', stderr: 'Cannot connect to the Docker daemon at unix:///x', code: 1 };
  const outcome = await statusOf({ answers: [down] }).catch((reason: { code?: string }) => reason.code);
  assert.is(outcome, 'docker/engine-not-answering');
});

test.run();
