/** The split shape on a real engine: several containers brought up, changed one by one, and made one again. */

import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { BottleError } from '../../../lib/errors.ts';
import { bottleHealth, createDocker, inspectContainers } from '../../../lib/operate/index.ts';
import { DAEMONS, type Daemon, EVENTS_DIR } from '../../../lib/plan/index.ts';
import { suite } from '../../support/suite.ts';
import { docker, identity, openStage, route, type Stage, TOKEN_VARIABLE, traces, withToken } from './stage.ts';

const test = suite('the split shape on a real engine', { timeoutMs: 600_000 });

const SLUG = `splittest-${randomBytes(3).toString('hex')}`;
const AGENT = `claude-bottle-${SLUG}`;
const container = (daemon: Daemon): string => `claude-bottle-${daemon}-${SLUG}`;
const ROUTES = [route('api.example.test', withToken), route('docs.example.test')];
const SPLIT = { slug: SLUG, routes: ROUTES, gitGate: true, shape: 'split' } as const;

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
    await one.destroy(SLUG, { volumes: true, yes: true });
    one.close();
  }
});

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Id and start of each container, by service. */
async function identities(): Promise<Record<Daemon | 'agent', string>> {
  const [egress, pipelock, gitGate, supervise, agent] = await Promise.all(
    [...DAEMONS.map(container), AGENT].map(identity),
  );
  const known = (text: string | undefined): string => text ?? '';
  return {
    egress: known(egress),
    pipelock: known(pipelock),
    'git-gate': known(gitGate),
    supervise: known(supervise),
    agent: known(agent),
  };
}

/** The services whose container is not the one that it was, or was started again. */
async function touched(before: Record<string, string>): Promise<readonly string[]> {
  const now: Record<string, string> = await identities();
  return Object.keys(now).filter((name) => now[name] !== before[name]);
}

async function health() {
  const client = createDocker({ env: stage().env });
  const found = await inspectContainers(client, DAEMONS.map(container));
  return bottleHealth(client, new Map(found.map((one) => [one.service, one])));
}

async function failure(work: Promise<unknown>): Promise<BottleError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

test('a bundle becomes a split bottle by a deploy, which a dry run has told', async () => {
  const s = stage();
  s.synth({ ...SPLIT, shape: 'bundle' });
  assert.is((await s.deploy()).bottles[0]?.outcome, 'created');
  await docker('exec', AGENT, 'sh', '-c', 'echo kept >/workspace/note');
  s.synth(SPLIT);
  const moves = (verb: string): string[] => DAEMONS.map((daemon) => `${daemon}: ${verb}`);
  const told = (await s.deploy({ dryRun: true })).bottles[0]?.changes ?? [];
  for (const line of [...moves('would be created'), 'sidecars: would be removed']) assert.ok(told.includes(line), line);

  const [bottle] = (await s.deploy()).bottles;
  assert.is(bottle?.outcome, 'updated');
  for (const line of [...moves('created'), 'sidecars: removed']) assert.ok(bottle?.changes.includes(line), line);
  // What a service waits for is in the hash of Compose 2.26: the agent is made anew, on the volumes that it had.
  assert.is(await docker('exec', AGENT, 'cat', '/workspace/note'), 'kept');
  const names = (await traces(SLUG)).split('\n');
  assert.not.ok(names.includes(`claude-bottle-sidecars-${SLUG}`));
  for (const name of [AGENT, ...DAEMONS.map(container), `${AGENT}_inner`]) assert.ok(names.includes(name), name);
});

test('every daemon is healthy in a container of its own, and runs the policy of the state directory', async () => {
  const report = await health();
  assert.is(report.healthy, true, JSON.stringify(report));
  assert.equal(report.silent, []);
  assert.equal(Object.keys(report.daemons), [...DAEMONS]);
  assert.is(report.daemons.egress?.digest, sha256(stage().state(SLUG, 'egress/routes.yaml')));
  assert.is(report.daemons.pipelock?.digest, sha256(stage().state(SLUG, 'pipelock/pipelock.yaml')));
});

test('events of every init go to one directory of the host, into which no daemon writes', async () => {
  const modeOf = (name: string): string => (statSync(stage().state(SLUG, name)).mode & 0o7777).toString(8);
  assert.equal([modeOf('events'), modeOf('queue')], ['2750', '2770']);
  for (const daemon of DAEMONS) {
    const mounts = await docker('inspect', '--format', '{{range .Mounts}}{{.Destination}} {{end}}', container(daemon));
    assert.ok(mounts.split(' ').includes(EVENTS_DIR), `${daemon}: ${mounts}`);
  }
});

test('the same deploy again does nothing, and a plain docker compose up is the same bottle', async () => {
  const s = stage();
  const before = await identities();
  assert.is((await s.deploy()).bottles[0]?.outcome, 'unchanged');
  const { exitCode } = await execa('docker', ['compose', 'up', '--detach', '--wait'], {
    cwd: s.state(SLUG),
    env: s.env,
  });
  assert.is(exitCode, 0);
  assert.equal(await touched(before), []);
});

test('a new route is taken up by both proxies, and no container is touched', async () => {
  const s = stage();
  const before = await identities();
  s.synth({ ...SPLIT, routes: [...ROUTES, route('new.example.test')] });
  const [bottle] = (await s.deploy()).bottles;
  for (const daemon of ['egress', 'pipelock']) {
    assert.ok(bottle?.changes.includes(`${daemon}: configuration reloaded`), bottle?.changes.join('\n'));
  }
  assert.equal(await touched(before), []);
  assert.is((await health()).daemons.egress?.digest, sha256(s.state(SLUG, 'egress/routes.yaml')));
});

test('a widening that a strict reload refuses restarts pipelock in place', async () => {
  const s = stage();
  const before = await identities();
  s.synth({ ...SPLIT, routes: [...ROUTES, route('new.example.test', { tlsPassthrough: true })] });
  const [bottle] = (await s.deploy()).bottles;
  assert.ok(bottle?.changes.includes('pipelock: pipelock restarted in place'), bottle?.changes.join('\n'));
  assert.equal(await touched(before), []);
});

test('a changed token recreates egress alone', async () => {
  const s = stage();
  const before = await identities();
  s.env[TOKEN_VARIABLE] = `planted-${randomBytes(12).toString('hex')}`;
  const dry = await s.deploy({ dryRun: true });
  assert.equal(dry.bottles[0]?.changes, ['egress: would be recreated']);
  assert.equal((await s.deploy()).bottles[0]?.changes, ['egress: recreated']);
  assert.equal(await touched(before), ['egress']);
});

test('a changed file of git-gate restarts git-gate alone', async () => {
  const s = stage();
  const before = await identities();
  const known = readFileSync(s.state(SLUG, 'git-gate/known_hosts'), 'utf8');
  s.synth({ ...SPLIT, routes: [...ROUTES, route('new.example.test', { tlsPassthrough: true })] });
  s.tamper(SLUG, 'git-gate/known_hosts', `${known}${known.replace('git.example.test', 'other.example.test')}`);
  const [bottle] = (await s.deploy()).bottles;
  assert.ok(bottle?.changes.includes('git-gate: restarted'), bottle?.changes.join('\n'));
  assert.equal(await touched(before), ['git-gate']);
});

test('the bridges of both isolated networks are sealed', async () => {
  for (const name of ['internal', 'inner']) {
    const id = await docker('network', 'inspect', '--format', '{{.Id}}', `${AGENT}_${name}`);
    const file = `/proc/sys/net/ipv4/conf/br-${id.slice(0, 12)}/rp_filter`;
    assert.is(readFileSync(file, 'utf8').trim(), '1', name);
  }
});

test('an update that egress refuses names it, and the previous version runs on', async () => {
  const s = stage();
  const before = await identities();
  s.tamper(SLUG, 'egress/routes.yaml', 'version: 99\nlisten: nonsense\n');
  const error = await failure(s.deploy());
  assert.match(error.message, /egress .*; the previous version runs again/, error.message);
  assert.equal(await touched(before), []);
});

test('a change of shape that does not come up is taken back: each daemon has its container again', async () => {
  const s = stage();
  s.synth({ ...SPLIT, shape: 'bundle' });
  s.tamper(SLUG, 'pipelock/pipelock.yaml', 'version: 99\nfetch_proxy: { listen: "127.0.0.1:8888" }\n');
  const error = await failure(s.deploy());
  assert.match(error.message, /pipelock .*; the previous version runs again/, error.message);
  const names = (await traces(SLUG)).split('\n');
  assert.not.ok(names.includes(`claude-bottle-sidecars-${SLUG}`));
  assert.is((await health()).healthy, true);
});

test('a split bottle becomes a bundle again, and leaves no container and no network behind', async () => {
  const s = stage();
  s.synth({ ...SPLIT, shape: 'bundle' });
  await s.deploy();
  const names = (await traces(SLUG)).split('\n');
  const gone = [...DAEMONS.map(container), `${AGENT}_inner`];
  assert.equal(
    names.filter((name) => gone.includes(name)),
    [],
  );
  assert.ok(names.includes(`claude-bottle-sidecars-${SLUG}`));
  assert.is(await docker('exec', AGENT, 'cat', '/workspace/note'), 'kept');
});

test('a split bottle that does not come up names the daemon to blame, and the bundle that ran before runs again', async () => {
  const s = stage();
  const bundle = `claude-bottle-sidecars-${SLUG}`;
  s.synth(SPLIT);
  s.tamper(SLUG, 'pipelock/pipelock.yaml', 'version: 99\nfetch_proxy: { listen: "127.0.0.1:8888" }\n');
  const error = await failure(s.deploy());
  assert.match(error.message, /did not come up: pipelock .*; the previous version runs again/, error.message);
  const names = (await traces(SLUG)).split('\n');
  assert.equal(
    names.filter((name) => [...DAEMONS.map(container), `${AGENT}_inner`].includes(name)),
    [],
  );
  assert.is(await docker('inspect', '--format', '{{.State.Health.Status}}', bundle), 'healthy');
});

test('destroy saves the log of each daemon, and takes every container and network', async () => {
  const s = stage();
  s.synth(SPLIT);
  await s.deploy();
  const [bottle] = (await s.destroy(SLUG)).bottles;
  assert.equal([...(bottle?.removed.containers ?? [])].sort(), [...DAEMONS.map(container), AGENT].sort());
  assert.not.match(await traces(SLUG), /_inner|_internal|claude-bottle-egress/);
  const logs = readdirSync(s.state(SLUG, 'logs'));
  for (const daemon of DAEMONS) {
    assert.ok(
      logs.some((name) => name.endsWith(`-${daemon}.log`)),
      daemon,
    );
  }
});

test.run();
