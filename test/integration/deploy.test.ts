/** Deploy and destroy with the real engine, compose and images. */

import { createHash, randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { BottleError } from '../../lib/errors.ts';
import { suite } from '../support/suite.ts';
import {
  APP,
  docker,
  identity,
  openStage,
  route,
  type Stage,
  TOKEN_VARIABLE,
  traces,
  withToken,
} from './deploy/stage.ts';

const test = suite('deploy and destroy on a real engine', { timeoutMs: 600_000 });

const SLUG = `deploytest-${randomBytes(3).toString('hex')}`;
const OTHER = `${SLUG}-b`;
const AGENT = `claude-bottle-${SLUG}`;
const SIDECARS = `claude-bottle-sidecars-${SLUG}`;
const ROUTES = [route('api.example.test', withToken), route('docs.example.test')];
const BASE = { slug: SLUG, routes: ROUTES, gitGate: true };

const opened: Stage[] = [];
function stage(): Stage {
  const [only] = opened;
  if (only === undefined) throw new Error('the stage did not open');
  return only;
}

test.before(async () => {
  opened.push(await openStage());
});
test.after(async () => {
  for (const one of opened) {
    for (const slug of [SLUG, OTHER]) await one.destroy(slug, { volumes: true, yes: true });
    one.close();
  }
});

async function failure(work: Promise<unknown>): Promise<BottleError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const runningDigest = async (daemon: string): Promise<string> => {
  const text = await docker('exec', SIDECARS, '/usr/local/bin/bundle-health');
  return JSON.parse(text).daemons[daemon].digest;
};
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const files = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());

test('a dry run of a new bottle says what it would create, and creates nothing', async () => {
  const s = stage();
  s.synth(BASE);
  const { bottles } = await s.deploy({ dryRun: true });
  assert.is(bottles[0]?.outcome, 'created');
  assert.is(await traces(SLUG), '');
  assert.not(existsSync(s.home));
});

test('a bottle comes up whole and healthy, and progress names its daemons', async () => {
  const s = stage();
  const { bottles } = await s.deploy();
  assert.is(bottles[0]?.outcome, 'created');
  assert.equal(bottles[0]?.changes, ['sidecars: created', 'agent: created']);
  assert.is(bottles[0]?.scanner, 'builtin');
  assert.is(await docker('inspect', '--format', '{{.State.Health.Status}}', SIDECARS), 'healthy');
  assert.is(await docker('exec', AGENT, 'echo', 'here'), 'here');
  assert.ok(
    s.said.some((line) => /egress up, pipelock up, git-gate up, supervise up/.test(line)),
    s.said.join('\n'),
  );
  for (const daemon of ['egress', 'pipelock', 'git-gate', 'supervise']) {
    assert.match(await runningDigest(daemon), /^[0-9a-f]{64}$/);
  }
});

test('the credential is in the bundle alone: in no file, no argument, no output, not in the agent', async () => {
  const s = stage();
  const { token, key } = s.secrets;
  assert.match(await docker('inspect', '--format', '{{json .Config.Env}}', SIDECARS), new RegExp(token));
  assert.not.match(await docker('inspect', AGENT), new RegExp(token));
  assert.not.match(await docker('exec', AGENT, 'env'), new RegExp(token));
  const holders = files(s.home).filter((path) => readFileSync(path, 'latin1').includes(token));
  assert.equal(holders, []);
  const keyHolders = files(s.home).filter((path) => readFileSync(path, 'latin1').includes(key));
  assert.equal(keyHolders, [s.state(SLUG, 'secrets/git-gate/app.key')]);
  assert.not.match(s.calls() + s.said.join('\n'), new RegExp(`${token}|PRIVATE KEY`));
  assert.match(s.calls(), /compose .* up /);
});

test('the same deploy again does nothing, and says so', async () => {
  const s = stage();
  const before = [await identity(AGENT), await identity(SIDECARS)];
  const calls = s.calls().length;
  const { bottles } = await s.deploy();
  assert.is(bottles[0]?.outcome, 'unchanged');
  assert.equal([await identity(AGENT), await identity(SIDECARS)], before);
  assert.ok(s.said.some((line) => /nothing to do/.test(line)));
  assert.not.match(s.calls().slice(calls), / (up|kill|restart|stop|rm|create) /);
});

test('a plain docker compose up in the state directory, with the variables exported, is the same bottle', async () => {
  const s = stage();
  const before = [await identity(AGENT), await identity(SIDECARS)];
  const { exitCode } = await execa('docker', ['compose', 'up', '--detach', '--wait'], {
    cwd: s.state(SLUG),
    env: s.env,
  });
  assert.is(exitCode, 0);
  assert.equal([await identity(AGENT), await identity(SIDECARS)], before);
});

test('a new route is taken up by the running daemons, and both containers stay', async () => {
  const s = stage();
  const before = [await identity(AGENT), await identity(SIDECARS)];
  s.synth({ ...BASE, routes: [...ROUTES, route('new.example.test')] });
  const { bottles } = await s.deploy();
  assert.is(bottles[0]?.outcome, 'updated');
  assert.equal([await identity(AGENT), await identity(SIDECARS)], before);
  assert.is(await runningDigest('egress'), sha256(s.state(SLUG, 'egress/routes.yaml')));
  assert.is(await runningDigest('pipelock'), sha256(s.state(SLUG, 'pipelock/pipelock.yaml')));
  assert.match(readFileSync(s.state(SLUG, 'egress/routes.yaml'), 'utf8'), /new\.example\.test/);
});

test('a widening that a strict reload refuses restarts that daemon in place', async () => {
  const s = stage();
  const before = [await identity(AGENT), await identity(SIDECARS)];
  s.synth({ ...BASE, routes: [...ROUTES, route('new.example.test', { tlsPassthrough: true })] });
  const { bottles } = await s.deploy();
  assert.ok(bottles[0]?.changes.includes('sidecars: pipelock restarted in place'), bottles[0]?.changes.join('\n'));
  assert.equal([await identity(AGENT), await identity(SIDECARS)], before);
  assert.is(await runningDigest('pipelock'), sha256(s.state(SLUG, 'pipelock/pipelock.yaml')));
});

test('a changed token recreates the sidecars alone', async () => {
  const s = stage();
  const [agent, sidecars] = [await identity(AGENT), await identity(SIDECARS)];
  const dry = await s.deploy({ dryRun: true, env: { ...s.env, [TOKEN_VARIABLE]: 'planted-other-value' } });
  assert.equal(dry.bottles[0]?.changes, ['sidecars: would be recreated']);
  const { bottles } = await s.deploy({ env: { ...s.env, [TOKEN_VARIABLE]: 'planted-other-value' } });
  assert.equal(bottles[0]?.changes, ['sidecars: recreated']);
  assert.is(await identity(AGENT), agent);
  assert.is.not(await identity(SIDECARS), sidecars);
});

test('a change of the sidecars alone never recreates the agent', async () => {
  const s = stage();
  const [agent, sidecars] = [await identity(AGENT), await identity(SIDECARS)];
  s.synth({ ...BASE, sidecarMemory: '1g' });
  await s.deploy();
  assert.is(await identity(AGENT), agent);
  assert.is.not(await identity(SIDECARS), sidecars);
});

test('an update that a daemon refuses says which and why, and the previous version runs on', async () => {
  const s = stage();
  const before = [await identity(AGENT), await identity(SIDECARS)];
  const good = readFileSync(s.state(SLUG, 'egress/routes.yaml'), 'utf8');
  s.tamper(SLUG, 'egress/routes.yaml', 'version: 99\nlisten: nonsense\n');
  const error = await failure(s.deploy({ waitSeconds: 60 }));
  assert.match(error.message, /the previous version runs again/, error.message);
  assert.match(`${error.message}\n${error.details.join('\n')}`, /egress/);
  assert.not.match(JSON.stringify(error), new RegExp(s.secrets.token));
  assert.is(readFileSync(s.state(SLUG, 'egress/routes.yaml'), 'utf8'), good);
  assert.is(await runningDigest('egress'), sha256(s.state(SLUG, 'egress/routes.yaml')));
  assert.equal([await identity(AGENT), await identity(SIDECARS)], before);
  s.synth({ ...BASE, sidecarMemory: '1g' });
  assert.is((await s.deploy()).bottles[0]?.outcome, 'unchanged');
});

test('an update whose sidecars do not come up is taken back, and the agent stays', async () => {
  const s = stage();
  const agent = await identity(AGENT);
  s.synth({ ...BASE, sidecarMemory: '2g' });
  s.tamper(SLUG, 'supervise/supervise.json', '{"version":99}\n');
  const error = await failure(s.deploy({ waitSeconds: 60 }));
  assert.match(error.message, /supervise.*did not come up; the previous version runs again/);
  assert.ok(error.details.length > 0 && error.details.every((line) => line.startsWith('[supervise] ')));
  assert.is(await identity(AGENT), agent);
  s.synth({ ...BASE, sidecarMemory: '1g' });
  assert.is((await s.deploy()).bottles[0]?.outcome, 'unchanged');
});

test('a new bottle that does not come up leaves nothing, unless asked to keep it', async () => {
  const s = stage();
  s.synth({ slug: OTHER, routes: ROUTES });
  s.tamper(OTHER, 'egress/routes.yaml', 'version: 99\nlisten: nonsense\n');
  const error = await failure(s.deploy({ waitSeconds: 60 }));
  assert.is(error.code, 'deploy/not-healthy');
  assert.match(error.message, /egress.*nothing of it is left/);
  assert.ok(
    error.details.length > 0 && error.details.every((line) => line.startsWith('[egress] ')),
    error.details.join('\n'),
  );
  assert.is(await traces(OTHER), '');
  assert.not(existsSync(s.state(OTHER)));

  const kept = await failure(s.deploy({ waitSeconds: 60, keepFailed: true }));
  assert.match(kept.message, /left as it is/);
  assert.match(await traces(OTHER), /sidecars/);
  await s.destroy(OTHER, { volumes: true, yes: true });
  assert.is(await traces(OTHER), '');
});

test('an interrupted deploy leaves nothing', async () => {
  const s = stage();
  s.synth({ slug: OTHER, routes: ROUTES });
  const controller = new AbortController();
  const work = failure(s.deploy({ signal: controller.signal }));
  while ((await traces(OTHER)) === '') await new Promise((resolve) => setTimeout(resolve, 100));
  controller.abort();
  assert.is((await work).code, 'interrupted');
  assert.is(await traces(OTHER), '');
  assert.equal(readdirSync(s.state(OTHER)), ['logs'], 'those that destroy saved before');
});

test('destroy saves the logs without the token, keeps data and CAs, and needs no assembly', async () => {
  const s = stage();
  await docker('exec', AGENT, 'sh', '-c', 'echo mine >/workspace/note');
  const ca = sha256(s.state(SLUG, 'ca/egress.pem'));
  const dry = await s.destroy(SLUG, { dryRun: true });
  assert.is(dry.bottles[0]?.outcome, 'destroyed');
  assert.match(await traces(SLUG), /sidecars/);
  const { bottles } = await s.destroy(SLUG);
  assert.is(bottles[0]?.outcome, 'destroyed');
  assert.is(await docker('ps', '-aq', '--filter', `label=claude-bottle.slug=${SLUG}`), '');
  assert.is(await docker('network', 'ls', '-q', '--filter', `label=claude-bottle.slug=${SLUG}`), '');
  assert.ok((bottles[0]?.keptVolumes.length ?? 0) >= 2);
  const [log] = bottles[0]?.logs ?? [];
  assert.match(readFileSync(log ?? '', 'utf8'), /^\S+Z \[egress\] /m);
  assert.not.match(readFileSync(log ?? '', 'utf8'), new RegExp(s.secrets.token));
  assert.is(statSync(log ?? '').mode & 0o777, 0o600);
  assert.not(existsSync(s.state(SLUG, 'secrets')));

  assert.is((await s.destroy(SLUG)).bottles[0]?.outcome, 'absent');
  assert.is((await s.destroy(SLUG, { slugs: [], app: 'another app' })).bottles.length, 0);

  s.synth(BASE);
  assert.is((await s.deploy()).bottles[0]?.outcome, 'created');
  assert.is(sha256(s.state(SLUG, 'ca/egress.pem')), ca);
  assert.is(await docker('exec', AGENT, 'cat', '/workspace/note'), 'mine');
});

test('destroy leaves the containers of another home alone', async () => {
  const s = stage();
  const error = await failure(s.destroy(SLUG, { home: join(s.project, 'other-home') }));
  assert.is(error.code, 'destroy/not-ours');
  assert.match(await traces(SLUG), /sidecars/);
});

test('destroy of the data has to be confirmed, and then leaves no trace', async () => {
  const s = stage();
  assert.is((await failure(s.destroy(SLUG, { volumes: true }))).code, 'destroy/needs-confirmation');
  const declined = await s.destroy(SLUG, { volumes: true, confirm: async () => false });
  assert.is(declined.bottles[0]?.outcome, 'declined');
  assert.match(await traces(SLUG), /sidecars/);
  const asked: string[] = [];
  const confirm = async (question: string): Promise<boolean> => asked.push(question) > 0;
  assert.is((await s.destroy(SLUG, { volumes: true, confirm })).bottles[0]?.outcome, 'destroyed');
  assert.match(asked[0] ?? '', new RegExp(SLUG));
  assert.is(await traces(SLUG), '');
  assert.equal(readdirSync(s.state(SLUG)), ['logs']);
});

test('a container of that name which is not ours stops a deploy, and stays', async () => {
  const s = stage();
  const image = await docker('images', '--quiet', 'claude-bottle-agent');
  await docker('create', '--name', AGENT, image.split('\n')[0] ?? '', 'true');
  try {
    s.synth(BASE);
    assert.is((await failure(s.deploy())).code, 'deploy/name-taken');
    assert.match(await docker('ps', '-a', '--format', '{{.Names}}'), new RegExp(`^${AGENT}$`, 'm'));
  } finally {
    await docker('rm', '--force', AGENT);
  }
});

test('compose reads any project directory back from .env as it is', async () => {
  const { dotEnv } = await import('../../lib/deploy/state/dot-env.ts');
  const { default: fc } = await import('fast-check');
  const s = stage();
  writeFileSync(
    join(s.project, 'compose.yaml'),
    'services: {a: {image: a, environment: ["V=${CLAUDE_BOTTLE_PROJECT_DIR}"]}}\n',
  );
  const unit = fc.constantFrom(
    '\\',
    '"',
    "'",
    '$',
    '#',
    ' ',
    '`',
    '{',
    '}',
    'a',
    'n',
    '=',
    '\t',
    'é',
    '!',
    '%',
    '${HOME}',
    '\n',
  );
  const property = fc.asyncProperty(fc.string({ unit, maxLength: 12 }), async (name) => {
    const path = `/${name}`;
    writeFileSync(join(s.project, '.env'), dotEnv(path, [{ slot: 'EGRESS_TOKEN_0', from: TOKEN_VARIABLE }]));
    const { stdout } = await execa('docker', ['compose', 'config', '--format', 'json'], { cwd: s.project, env: s.env });
    assert.is(JSON.parse(stdout).services.a.environment.V.replaceAll('$$', '$'), path);
  });
  await fc.assert(property, { numRuns: 60 });
});

const UID = 23_456;

/** The compose plugin where this user's Docker CLI finds it: root's own plugins are out of its reach. */
async function giveComposeTo(home: string): Promise<void> {
  const plugins = JSON.parse(await docker('info', '--format', '{{json .ClientInfo.Plugins}}'));
  const { Path } = plugins.find(({ Name }: { Name: string }) => Name === 'compose');
  mkdirSync(join(home, '.docker/cli-plugins'), { recursive: true });
  copyFileSync(realpathSync(Path), join(home, '.docker/cli-plugins/docker-compose'));
}

async function asUser(
  s: Stage,
  verb: 'deploy' | 'destroy',
  options: object,
): Promise<{ outcome: string; logs?: string[] }> {
  const group = String(statSync('/var/run/docker.sock').gid);
  const script = join(import.meta.dirname, 'deploy/as-user.ts');
  const node = [process.execPath, '--conditions=claude-bottle-source', '--import', 'tsx', script];
  const { stdout, stderr, exitCode } = await execa(
    'setpriv',
    ['--reuid', String(UID), '--regid', String(UID), '--groups', group, ...node, verb, JSON.stringify(options)],
    { reject: false, env: { ...s.env, HOME: s.project, TMPDIR: '/tmp' } },
  );
  assert.is(exitCode, 0, stderr);
  return JSON.parse(stdout).bottles[0];
}

async function deployAsUser(): Promise<void> {
  const s = await openStage();
  const home = join(s.project, 'own-home');
  try {
    s.synth({ slug: OTHER, routes: ROUTES, gitGate: true });
    await giveComposeTo(s.project);
    await execa('chown', ['-R', `${UID}:${UID}`, join(s.project, '..')]);
    const options = { assemblyDir: join(s.project, 'dist'), slugs: [], projectDir: s.project, home };
    assert.is((await asUser(s, 'deploy', options)).outcome, 'created');
    const state = join(home, 'state', OTHER);
    for (const path of files(state)) assert.is(statSync(path).uid, UID, path);
    assert.is(statSync(join(state, 'queue')).mode & 0o7777, 0o2770);
    const health = JSON.parse(await docker('exec', `claude-bottle-sidecars-${OTHER}`, '/usr/local/bin/bundle-health'));
    assert.is(health.healthy, true);
    assert.equal(Object.keys(health.daemons).sort(), ['egress', 'git-gate', 'pipelock', 'supervise']);
    assert.is((await asUser(s, 'deploy', options)).outcome, 'unchanged');
    const foreign = await failure(s.deploy({ home }));
    assert.is(foreign.code, 'deploy/state-of-another-user');
  } finally {
    const gone = await asUser(s, 'destroy', { slugs: [OTHER], app: APP, home, volumes: true, yes: true });
    assert.is(gone.outcome, 'destroyed');
    assert.is(await traces(OTHER), '');
    s.close();
  }
}

const NON_ROOT = 'a user who is not root deploys, and every daemon reads its keys';
if (process.getuid?.() === 0) test(NON_ROOT, deployAsUser);
else test.skip(NON_ROOT, 'needs root to become another user; here every test runs as one who is not root');

test.run();
