import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { renderBottle } from '../../../lib/render/index.ts';
import { fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('compose renderer');

interface Service {
  readonly [key: string]: unknown;
  readonly environment: readonly string[];
  readonly networks: Readonly<Record<string, { aliases?: readonly string[] } | null>>;
  readonly volumes: readonly { type: string; source: string; target: string; bind?: { create_host_path: boolean } }[];
}
interface Document {
  readonly name: string;
  readonly services: { readonly sidecars: Service; readonly agent: Service };
  readonly networks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const rendered = (plan: BottlePlan): Document => parse(renderBottle(plan)['compose.yaml'] ?? '') as Document;

test('the full matrix has the project, services and networks of the canonical shape', () => {
  const document = rendered(fullMatrix());
  assert.is(document.name, 'claude-bottle-demo-abc12');
  assert.equal(Object.keys(document.services), ['sidecars', 'agent']);
  assert.equal(Object.keys(document.networks), ['internal', 'egress']);
  assert.is(document.services.sidecars['image'], 'claude-bottle-sidecars:latest');
  assert.is(document.services.agent['image'], 'claude-bottle-agent:latest');
  assert.is(document.services.sidecars['container_name'], 'claude-bottle-sidecars-demo-abc12');
  assert.is(document.services.agent['container_name'], 'claude-bottle-demo-abc12');
});

test('the aliases of the full matrix stand in canonical order and on the internal network alone', () => {
  assert.equal(rendered(fullMatrix()).services.sidecars.networks, {
    internal: {
      aliases: [
        'claude-bottle-pipelock-demo-abc12',
        'egress',
        'claude-bottle-egress-demo-abc12',
        'claude-bottle-git-gate-demo-abc12',
        'supervise',
        'claude-bottle-supervise-demo-abc12',
        'pipelock',
        'git-gate',
      ],
    },
    egress: null,
  });
});

test('the bundle environment of the full matrix is exactly the canonical list', () => {
  assert.equal(rendered(fullMatrix()).services.sidecars.environment, [
    'CLAUDE_BOTTLE_SIDECAR_DAEMONS=egress,pipelock,git-gate,supervise',
    'EGRESS_UPSTREAM_PROXY=http://claude-bottle-pipelock-demo-abc12:8888',
    'EGRESS_UPSTREAM_CA=/home/mitmproxy/.mitmproxy/pipelock-ca.pem',
    'EGRESS_TOKEN_0',
    'EGRESS_TOKEN_1',
    'SUPERVISE_BOTTLE_SLUG=demo-abc12',
    'SUPERVISE_QUEUE_DIR=/run/supervise/queue',
    'SUPERVISE_PORT=9100',
  ]);
});

test('an inner pipelock is mapped to the loopback, a reachable one is not', () => {
  assert.equal(rendered(fullMatrix()).services.sidecars['extra_hosts'], [
    'claude-bottle-pipelock-demo-abc12:127.0.0.1',
  ]);
  const withoutEgress = rendered(planWith([])).services.sidecars;
  assert.is(withoutEgress['extra_hosts'], undefined);
  const { pipelock } = fullMatrix().sidecars;
  const exposed = rendered(planWith(['egress'], { pipelock: { ...pipelock, exposed: true } })).services.sidecars;
  assert.is(exposed['extra_hosts'], undefined);
});

test('the internal network gives the agent no way to the host', () => {
  const { internal } = rendered(fullMatrix()).networks;
  assert.is(internal?.['internal'], true);
  assert.is(internal?.['enable_ipv6'], false);
  assert.equal(internal?.['driver_opts'], { 'com.docker.network.bridge.inhibit_ipv4': 'true' });
});

test('the agent resolves nothing outside, depends on healthy sidecars, and is on the internal network only', () => {
  const { agent } = rendered(fullMatrix()).services;
  assert.equal(agent['dns'], ['127.0.0.1']);
  assert.equal(agent['dns_opt'], ['timeout:1', 'attempts:1']);
  assert.equal(agent['depends_on'], { sidecars: { condition: 'service_healthy' } });
  assert.equal(Object.keys(agent.networks), ['internal']);
});

test('both services are hardened, and the bundle adds back exactly three capabilities', () => {
  const { agent, sidecars } = rendered(fullMatrix()).services;
  for (const service of [agent, sidecars]) {
    assert.equal(service['cap_drop'], ['ALL']);
    assert.equal(service['security_opt'], ['no-new-privileges:true']);
    assert.is(service['read_only'], true);
    assert.is(service['restart'], 'unless-stopped');
    assert.type(service['pids_limit'], 'number');
    assert.ok(service['mem_limit']);
    assert.is(service['ports'], undefined);
    assert.is(service['privileged'], undefined);
  }
  assert.is(agent['cap_add'], undefined);
  assert.equal(sidecars['cap_add'], ['SETUID', 'SETGID', 'KILL']);
});

test('every bind mount refuses to create its source', () => {
  const { agent, sidecars } = rendered(fullMatrix()).services;
  const binds = [...agent.volumes, ...sidecars.volumes].filter(({ type }) => type === 'bind');
  assert.ok(binds.length >= 8);
  for (const { target, bind } of binds) assert.is(bind?.create_host_path, false, target);
});

test('no secret directory of the bundle is mounted into the agent', () => {
  const sources = rendered(fullMatrix()).services.agent.volumes.map(({ source }) => source);
  assert.not.ok(sources.some((source) => source.includes('secrets') || source.includes('/ca')));
});

test('a dollar sign in the definition reaches the container as it is', () => {
  const plan = fullMatrix();
  const env = [{ kind: 'literal', name: 'PRICE', value: '$5 ${HOME}' }] as const;
  const { agent } = rendered({ ...plan, agent: { ...plan.agent, env } }).services;
  assert.ok(agent.environment.includes('PRICE=$$5 $${HOME}'));
});

test('a host variable is forwarded by name and never by value', () => {
  const plan = fullMatrix();
  const env = [
    { kind: 'host', name: 'LANG', from: 'LANG' },
    { kind: 'host', name: 'FOO', from: 'BAR' },
  ] as const;
  const { environment } = rendered({ ...plan, agent: { ...plan.agent, env } }).services.agent;
  assert.ok(environment.includes('LANG'));
  assert.ok(environment.includes('FOO=${BAR}'));
});

test('relative mount sources start at the project, absolute ones stay as spelled', () => {
  const plan = fullMatrix();
  const mounts = [
    { kind: 'bind', source: './data', target: '/data', readOnly: true },
    { kind: 'bind', source: '/srv/shared', target: '/shared', readOnly: false },
  ] as const;
  const sources = rendered({ ...plan, agent: { ...plan.agent, mounts } }).services.agent.volumes.map((v) => v.source);
  assert.ok(sources.includes('${CLAUDE_BOTTLE_PROJECT_DIR:?}/data'));
  assert.ok(sources.includes('/srv/shared'));
});

test('an external egress network is joined by name and neither made nor labelled', () => {
  const plan = planWith(['egress'], { egressNetwork: { kind: 'external', name: 'registry' } });
  assert.equal(rendered(plan).networks['egress'], { name: 'registry', external: true });
});

test('the digest label of the agent does not move when only the sidecars change', () => {
  const labels = (plan: BottlePlan, service: 'agent' | 'sidecars'): unknown =>
    (rendered(plan).services[service]['labels'] as Record<string, string>)['claude-bottle.digest'];
  const [before, after] = [planWith(['egress']), planWith(['egress'], { resources: { memory: '2g', pids: 512 } })];
  assert.is(labels(before, 'agent'), labels(after, 'agent'));
  assert.is.not(labels(before, 'sidecars'), labels(after, 'sidecars'));
});

test.run();
