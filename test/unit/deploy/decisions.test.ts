import * as assert from 'uvu/assert';
import { quoted } from '../../../lib/deploy/state/dot-env.ts';
import { outdated, reaction } from '../../../lib/deploy/up/reload.ts';
import { healthNote, hopeless } from '../../../lib/deploy/up/watch.ts';
import {
  type Container,
  containerLog,
  createDocker,
  dockerEnvironment,
  dockerFailure,
  isAtLeast,
  lastLines,
  parseHealth,
  redactor,
} from '../../../lib/operate/index.ts';
import { DAEMONS } from '../../../lib/plan/index.ts';
import { suite } from '../../support/suite.ts';
import { environmentWith, fakeDocker } from './fake-docker.ts';

const test = suite('decisions of deploy');

const health = (daemons: object, healthy = true): string => JSON.stringify({ healthy, daemons });

const running: Container = {
  id: 'a',
  name: 'claude-bottle-sidecars-demo',
  service: 'sidecars',
  imageId: 'sha256:1',
  status: 'running',
  running: true,
  restarting: false,
  restarts: 0,
  exitCode: 0,
  error: '',
  startedAt: '2026-01-01T00:00:00Z',
  health: 'starting',
  healthOutput: undefined,
  labels: {},
  networks: [],
};

test('versions are compared by number, and what cannot be read is too old', () => {
  for (const good of ['20.10.0', '20.10.24+dfsg1', '28.2.2', 'v20.11', '100.0'])
    assert.ok(isAtLeast(good, '20.10'), good);
  for (const bad of ['20.9.9', '19.20', '2.26', '', 'dev', 'v']) assert.not(isAtLeast(bad, '20.10'), bad);
});

test('a change of routes or of the allowlist is reloaded; of anything else of the sidecars, restarted', () => {
  const all = (changed: readonly string[]) => reaction(changed, DAEMONS);
  assert.is(all([]), 'none');
  assert.is(all(['agent/gitconfig', 'compose.yaml', 'compose.override.yaml', '.env', 'ca/egress.pem']), 'none');
  assert.is(all(['egress/routes.yaml', 'pipelock/pipelock.yaml', 'agent/gitconfig']), 'reload');
  for (const path of [
    'supervise/supervise.json',
    'git-gate/git-gate.json',
    'trust/trusted-cas.pem',
    'secrets/git-gate/a.key',
  ]) {
    assert.is(all(['egress/routes.yaml', path]), 'restart', path);
  }
});

test('a container of one daemon reacts to what this daemon runs on, and to nothing of the others', () => {
  const reactions = (path: string) => DAEMONS.map((daemon) => reaction([path], [daemon]));
  assert.equal(reactions('egress/routes.yaml'), ['reload', 'none', 'none', 'none']);
  assert.equal(reactions('pipelock/pipelock.yaml'), ['none', 'reload', 'none', 'none']);
  assert.equal(reactions('git-gate/known_hosts'), ['none', 'none', 'restart', 'none']);
  assert.equal(reactions('supervise/supervise.json'), ['none', 'none', 'none', 'restart']);
  assert.equal(reactions('trust/trusted-cas.pem'), ['restart', 'restart', 'none', 'none']);
  assert.equal(reactions('secrets/egress/mitmproxy-ca.pem'), ['restart', 'none', 'none', 'none']);
  assert.equal(reactions('agent/gitconfig'), ['none', 'none', 'none', 'none']);
});

test('a daemon is outdated unless it is up and reports exactly the digest', () => {
  const wanted = new Map([['egress', 'aa'] as const]);
  const report = (daemon: object) => parseHealth(health({ egress: daemon }));
  assert.equal(outdated(report({ up: true, restarts: 0, digest: 'aa', detail: '' }), wanted), []);
  assert.equal(outdated(report({ up: true, restarts: 0, digest: 'ab', detail: '' }), wanted), ['egress']);
  assert.equal(outdated(report({ up: true, restarts: 0, digest: null, detail: '' }), wanted), ['egress']);
  assert.equal(outdated(report({ up: false, restarts: 0, digest: 'aa', detail: '' }), wanted), ['egress']);
  assert.equal(outdated(parseHealth(health({})), wanted), ['egress']);
  assert.equal(outdated(undefined, wanted), ['egress']);
});

test('waiting goes on while daemons start, and ends when one can only fail', () => {
  assert.is(hopeless(running, undefined), undefined);
  const failing = (restarts: number): Container => ({
    ...running,
    healthOutput: health({ egress: { up: false, restarts, digest: null, detail: '' } }, false),
  });
  assert.is(hopeless(failing(2), undefined), undefined);
  assert.match(hopeless(failing(4), undefined) ?? '', /egress/);
  assert.match(hopeless({ ...running, restarts: 1 }, undefined) ?? '', /ends as soon as it starts/);
  assert.is(hopeless({ ...running, restarts: 1 }, { ...running, restarts: 1 }), undefined);
  assert.match(hopeless({ ...running, restarts: 1 }, { ...running, id: 'b', restarts: 1 }) ?? '', /ends as soon/);
  assert.is(hopeless(failing(9), failing(9)), undefined, 'compose has not come to it yet');
  assert.match(hopeless(failing(9), { ...failing(9), startedAt: '2025-01-01T00:00:00Z' }) ?? '', /egress/);
  const exited: Container = { ...running, running: false, status: 'exited', exitCode: 2 };
  assert.match(hopeless(exited, undefined) ?? '', /exit code 2/);
  assert.is(hopeless(exited, exited), undefined);
  assert.is(hopeless(exited, running), undefined, 'stopped by compose, to be replaced');
});

test('progress names each daemon', () => {
  const container = {
    ...running,
    healthOutput: health({ egress: { up: true, restarts: 0, digest: 'a', detail: '' } }),
  };
  assert.is(healthNote([container], ['egress', 'pipelock']), 'egress up, pipelock starting');
  const own = { ...running, healthOutput: health({ pipelock: { up: true, restarts: 0, digest: 'b', detail: '' } }) };
  assert.is(healthNote([container, own], ['egress', 'pipelock']), 'egress up, pipelock up');
  assert.is(healthNote([], ['pipelock']), 'creating containers');
});

test('what is no health report is none', () => {
  for (const text of ['', '{}', 'starting', '{"healthy":true}', '[]', '{"healthy":"yes","daemons":{}}']) {
    assert.is(parseHealth(text), undefined, text);
  }
});

test('the log lines of one daemon are found by its prefix', () => {
  const log = ['[egress] one', '[pipelock] two', '[egress] three', 'prefix [egress] four', ''];
  assert.equal(lastLines(log, 5, 'egress'), ['[egress] one', '[egress] three']);
  assert.equal(lastLines(log, 1, 'egress'), ['[egress] three']);
  assert.equal(lastLines(log, 2), ['[egress] three', 'prefix [egress] four']);
});

test('both streams of a container come in the order of time', async () => {
  const at = (second: number, text: string): string => `2026-01-01T00:00:0${second}.000000000Z ${text}\n`;
  const fake = fakeDocker([
    { call: 'logs*', stdout: at(1, '[egress] one') + at(3, '[egress] three'), stderr: at(2, '[init] two') },
  ]);
  const docker = createDocker({ env: environmentWith(fake) });
  assert.equal(await containerLog(docker, 'x'), ['[egress] one', '[init] two', '[egress] three']);
  fake.remove();
});

test('a secret is replaced by the name of its variable, the longest first, however often it occurs', () => {
  const redact = redactor({ A: 'hunter22', B: 'hunter2234', C: 'x', D: '' }, ['A', 'B', 'C', 'D', 'E']);
  assert.is(redact('hunter2234 hunter22 hunter22 x'), '[value of B] [value of A] [value of A] x');
});

test('docker sees neither the variables of compose nor any that it does not need', () => {
  const env = {
    PATH: '/bin',
    HOME: '/h',
    DOCKER_HOST: 'ssh://x',
    COMPOSE_FILE: 'evil.yaml',
    GH_TOKEN: 's',
    NODE_OPTIONS: '-r x',
  };
  assert.equal(dockerEnvironment(env), { PATH: '/bin', HOME: '/h', DOCKER_HOST: 'ssh://x' });
});

test('a failure names the command and the fix, and neither arguments nor environment', async () => {
  const fake = fakeDocker([{ call: '*', stderr: 'Error: token is s3cret-value, dial unix: no', code: 1 }]);
  const env = environmentWith(fake, { GH_TOKEN: 's3cret-value' });
  const docker = createDocker({ env, redact: redactor(env, ['GH_TOKEN']) });
  try {
    await docker.run(['compose', '--project-name', 'p', 'up', 's3cret-value'], { extraEnv: { X: 's3cret-value' } });
    assert.unreachable();
  } catch (error) {
    assert.not.match(JSON.stringify([error, String(error)]), /s3cret-value/);
    assert.match(String(error), /docker compose/);
  } finally {
    fake.remove();
  }
});

test('known failures get their own code', () => {
  const codes: readonly (readonly [string, string])[] = [
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'docker/engine-not-answering',
    ],
    ['Got permission denied while trying to connect to the Docker daemon socket', 'docker/permission-denied'],
    ['failed to register layer: write /x: no space left on device', 'docker/disk-full'],
    ['could not find an available, non-overlapping IPv4 address pool among the defaults', 'docker/no-free-subnet'],
    ['Pool overlaps with other one on this address space', 'docker/subnet-taken'],
    ['Error response from daemon: unknown or invalid runtime name: runsc', 'docker/runtime-unknown'],
    ['dial tcp: lookup registry-1.docker.io: no such host', 'docker/registry-not-answering'],
    ['pull access denied for x, repository does not exist', 'docker/image-not-found'],
    ['something else', 'docker/failed'],
  ];
  for (const [text, code] of codes) assert.is(dockerFailure('up', text, 1).code, code, text);
});

test('a call that is aborted ends at once, with the children of docker', async () => {
  const fake = fakeDocker([{ call: '*', script: 'sleep 30 & wait' }]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  const started = Date.now();
  try {
    await createDocker({ env: environmentWith(fake) }).run(['x'], { signal: controller.signal });
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /interrupted/);
    assert.ok(Date.now() - started < 3_000);
  } finally {
    fake.remove();
  }
});

test('a value is quoted for an env file with its backslashes, quotes and dollars escaped', () => {
  assert.is(quoted('/a b/$x "q" \\ #'), '"/a b/\\$x \\"q\\" \\\\ #"');
});

test.run();
