import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type BottlePlan, DAEMONS, type Daemon } from '../../../lib/plan/index.ts';
import { renderBottle } from '../../../lib/render/index.ts';
import { exposed, fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('split shape');

const SLUG = 'demo-abc12';

interface Service {
  readonly [key: string]: unknown;
  readonly environment: readonly string[];
  readonly networks: Readonly<Record<string, { aliases?: readonly string[] } | null>>;
  readonly volumes: readonly { readonly source: string; readonly target: string }[];
  readonly labels: Readonly<Record<string, string>>;
}
interface Document {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const split = (plan: BottlePlan): BottlePlan => ({ ...plan, sidecars: { ...plan.sidecars, shape: 'split' } });
const composeText = (plan: BottlePlan): string => renderBottle(plan)['compose.yaml'] ?? '';
const rendered = (plan: BottlePlan): Document => parse(composeText(split(plan))) as Document;

function service(document: Document, name: string): Service {
  const found = document.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

const placesOf = (document: Document): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(document.services).map(([name, { networks }]) => [name, Object.keys(networks)]));

test('each daemon is a service of its own beside the agent, which waits for all of them', () => {
  const document = rendered(fullMatrix());
  assert.equal(Object.keys(document.services), [...DAEMONS, 'agent']);
  for (const daemon of DAEMONS) {
    const own = service(document, daemon);
    assert.is(own['container_name'], `claude-bottle-${daemon}-${SLUG}`);
    assert.is(own['image'], 'claude-bottle-sidecars:latest');
    assert.is(own.environment[0], `CLAUDE_BOTTLE_SIDECAR_DAEMONS=${daemon}`);
    assert.equal(own['cap_add'], ['SETUID', 'SETGID', 'KILL']);
    assert.equal(own['extra_hosts'], undefined);
    assert.is(own['depends_on'], undefined);
  }
  const healthy = { condition: 'service_healthy' };
  assert.equal(
    service(document, 'agent')['depends_on'],
    Object.fromEntries(DAEMONS.map((daemon) => [daemon, healthy])),
  );
});

test('the networks are as the shape says: egress before pipelock, pipelock and git-gate before the world', () => {
  assert.equal(placesOf(rendered(fullMatrix())), {
    egress: ['internal', 'inner'],
    pipelock: ['inner', 'egress'],
    'git-gate': ['internal', 'egress'],
    supervise: ['internal'],
    agent: ['internal'],
  });
  assert.equal(placesOf(rendered(planWith([]))), { pipelock: ['internal', 'egress'], agent: ['internal'] });
  assert.equal(placesOf(rendered(planWith(['egress'], exposed(['egress'])))), {
    egress: ['internal', 'inner'],
    pipelock: ['internal', 'egress'],
    agent: ['internal'],
  });
});

test('the inner network is there with egress, and isolated like the internal one', () => {
  assert.equal(Object.keys(rendered(planWith(['git-gate'])).networks), ['internal', 'egress']);
  const { networks } = rendered(planWith(['egress']));
  assert.equal(Object.keys(networks), ['internal', 'inner', 'egress']);
  assert.equal(networks['inner'], networks['internal']);
  assert.is(networks['inner']?.['internal'], true);
});

test('a daemon has its names on the network that it serves, and none of ours on any other', () => {
  const names = (daemon: Daemon): string[] => [daemon, `claude-bottle-${daemon}-${SLUG}`, `listen-${daemon}-${SLUG}`];
  const document = rendered(fullMatrix());
  assert.equal(service(document, 'egress').networks, { internal: { aliases: names('egress') }, inner: null });
  assert.equal(service(document, 'pipelock').networks, { inner: { aliases: names('pipelock') }, egress: null });
  assert.equal(service(document, 'git-gate').networks, { internal: { aliases: names('git-gate') }, egress: null });
  assert.equal(service(document, 'supervise').networks, { internal: { aliases: names('supervise') } });
});

test('a daemon listens on the name that exists on its serving network alone', () => {
  const files = renderBottle(split(fullMatrix()));
  const parsed = (path: string): { listen?: string; fetch_proxy?: { listen: string } } => parse(files[path] ?? '');
  assert.is(parsed('egress/routes.yaml').listen, `listen-egress-${SLUG}:9099`);
  assert.is(parsed('pipelock/pipelock.yaml').fetch_proxy?.listen, `listen-pipelock-${SLUG}:8888`);
  assert.is(parsed('git-gate/git-gate.json').listen, `listen-git-gate-${SLUG}:9418`);
  assert.is(parsed('supervise/supervise.json').listen, `listen-supervise-${SLUG}:9100`);
});

test('egress finds pipelock by its long alias, and alone has the token slots', () => {
  const document = rendered(fullMatrix());
  assert.equal(service(document, 'egress').environment, [
    'CLAUDE_BOTTLE_SIDECAR_DAEMONS=egress',
    `EGRESS_UPSTREAM_PROXY=http://claude-bottle-pipelock-${SLUG}:8888`,
    'EGRESS_UPSTREAM_CA=/home/mitmproxy/.mitmproxy/pipelock-ca.pem',
    'EGRESS_TOKEN_0',
    'EGRESS_TOKEN_1',
  ]);
  assert.equal(service(document, 'pipelock').environment, ['CLAUDE_BOTTLE_SIDECAR_DAEMONS=pipelock']);
  assert.equal(service(document, 'git-gate').environment, ['CLAUDE_BOTTLE_SIDECAR_DAEMONS=git-gate']);
  assert.equal(service(document, 'supervise').environment.slice(1), [
    `SUPERVISE_BOTTLE_SLUG=${SLUG}`,
    'SUPERVISE_QUEUE_DIR=/run/supervise/queue',
    'SUPERVISE_PORT=9100',
  ]);
});

test('what the scanner passes over is what egress sets, and only where nobody else can dial it', () => {
  const ignored = (plan: BottlePlan): readonly string[] => {
    const file = parse(renderBottle(plan)['pipelock/pipelock.yaml'] ?? '') as {
      request_body_scanning: { ignore_headers: readonly string[] };
    };
    return file.request_body_scanning.ignore_headers;
  };
  for (const shape of [(plan: BottlePlan) => plan, split]) {
    assert.ok(ignored(shape(planWith(['egress']))).includes('authorization'));
    assert.not.ok(ignored(shape(planWith(['egress'], exposed(['egress'])))).includes('authorization'));
    assert.not.ok(ignored(shape(planWith([]))).includes('authorization'));
  }
});

test('a container mounts what its daemon needs: secrets and mirrors in one place, events in all', () => {
  const document = rendered(fullMatrix());
  const sources = (name: string): readonly string[] => service(document, name).volumes.map(({ source }) => source);
  assert.equal(sources('egress'), ['./egress', './secrets/egress', './trust', './events']);
  assert.equal(sources('pipelock'), ['./pipelock', './secrets/pipelock', './trust', './events']);
  assert.equal(sources('git-gate'), ['./git-gate', './secrets/git-gate', 'git-mirrors', './events']);
  assert.equal(sources('supervise'), ['./supervise', './egress', './queue', './events']);
});

test('whoever has no way out resolves no outside name', () => {
  const document = rendered(fullMatrix());
  for (const name of ['egress', 'supervise', 'agent'])
    assert.equal(service(document, name)['dns'], ['127.0.0.1'], name);
  for (const name of ['pipelock', 'git-gate']) assert.is(service(document, name)['dns'], undefined, name);
});

test('variables, mounts and limits of the definition are those of every sidecar', () => {
  const plan = planWith(['egress'], {
    env: [{ kind: 'literal', name: 'LANG', value: 'C.UTF-8' }],
    mounts: [{ kind: 'tmpfs', target: '/scratch' }],
    resources: { memory: '2g', pids: 256, cpus: 0.5 },
  });
  for (const name of ['egress', 'pipelock']) {
    const own = service(rendered(plan), name);
    assert.ok(own.environment.includes('LANG=C.UTF-8'));
    assert.ok(own.volumes.some(({ target }) => target === '/scratch'));
    assert.equal([own['mem_limit'], own['pids_limit'], own['cpus']], ['2g', 256, 0.5]);
  }
});

test('a change of one daemon moves the digest of its service and of no other', () => {
  const digests = (plan: BottlePlan): Record<string, string | undefined> =>
    Object.fromEntries(
      Object.entries(rendered(plan).services).map(([name, { labels }]) => [name, labels['claude-bottle.digest']]),
    );
  const full = fullMatrix();
  const { egress } = full.sidecars;
  if (egress === undefined) throw new Error('the full matrix has egress');
  const fewer = { ...full, sidecars: { ...full.sidecars, egress: { ...egress, tokens: ['GH_TOKEN'] } } };
  const [before, after] = [digests(full), digests(fewer)];
  const moved = Object.keys(before).filter((name) => before[name] !== after[name]);
  // The agent has a placeholder for each credential.
  assert.equal(moved, ['egress', 'agent']);
});

test('the shape changes nothing in the agent but what it waits for', () => {
  const agentOf = (text: string): unknown => {
    const { depends_on: _, ...rest } = service(parse(text) as Document, 'agent');
    return rest;
  };
  const full = fullMatrix();
  assert.equal(agentOf(composeText(split(full))), agentOf(composeText(full)));
});

test.run();
