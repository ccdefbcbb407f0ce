import * as assert from 'uvu/assert';
import { type BottlePlan, DAEMON_PORT } from '../../../lib/plan/index.ts';
import { exposed, fullMatrix, planWith, SLUG } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { withPrivateRoute } from './plans.ts';
import { isAllowed, type Place } from './policy-verdict.ts';
import { type Manifest, manifestsOf } from './rendered.ts';

const test = suite('NetworkPolicies of a bottle');

const NAMESPACE = `claude-bottle-${SLUG}`;
const PORTS = [53, 80, 443, 6443, ...Object.values(DAEMON_PORT), 10250];

/** The pod as its Deployment's template labels it. */
function pod(manifests: readonly Manifest[], component: 'agent' | 'sidecars'): Place {
  const found = manifests.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.labels['app.kubernetes.io/component'] === component,
  );
  if (found === undefined) throw new Error(`no ${component}`);
  const { template } = found.spec as { template: { metadata: { labels: Record<string, string> } } };
  return { namespace: found.metadata.namespace ?? '', labels: template.metadata.labels };
}

const DNS: Place = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const INTERNET = ['1.1.1.1', '140.82.121.4', '198.51.100.7', '203.0.113.9', '172.15.0.1', '172.32.0.1', '192.0.2.1'];
const INSIDE = ['10.0.0.1', '10.96.0.1', '172.16.0.1', '172.31.255.254', '192.168.1.1', '100.64.0.1'];
const NEVER = [
  '169.254.169.254',
  '169.254.20.10',
  '168.63.129.16',
  '192.0.0.192',
  '100.100.100.200',
  '127.0.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  'fd00::1',
  'fe80::1',
  '2606:4700::1111',
  '::ffff:169.254.169.254',
];

function places(plan: BottlePlan, namespace?: string) {
  const manifests = manifestsOf(plan, namespace === undefined ? {} : { namespace });
  const agent = pod(manifests, 'agent');
  const sidecars = pod(manifests, 'sidecars');
  const may = (from: Place, to: Place, port: number, protocol: 'TCP' | 'UDP' = 'TCP'): boolean =>
    isAllowed(manifests, { from, to, port, protocol });
  return { manifests, agent, sidecars, may };
}

const open = (may: (port: number) => boolean): readonly number[] => PORTS.filter(may);

test('the agent reaches the agent-facing ports of its sidecars and nothing else, by no protocol but TCP', () => {
  const { agent, sidecars, may } = places(fullMatrix());
  assert.equal(
    open((port) => may(agent, sidecars, port)),
    [9099, 9418, 9100],
  );
  assert.equal(
    open((port) => may(agent, sidecars, port, 'UDP')),
    [],
  );
  for (const address of [...INTERNET, ...INSIDE, ...NEVER]) {
    assert.equal(
      open((port) => may(agent, { address }, port) || may(agent, { address }, port, 'UDP')),
      [],
      address,
    );
  }
  for (const other of [DNS, { namespace: NAMESPACE, labels: {} }, { namespace: 'default', labels: {} }]) {
    assert.equal(
      open((port) => may(agent, other, port) || may(agent, other, port, 'UDP')),
      [],
    );
  }
});

test('the inner hop is not among the ports, but pipelock without egress, or exposed, is', () => {
  const ports = (plan: BottlePlan): readonly number[] => {
    const { agent, sidecars, may } = places(plan);
    return open((port) => may(agent, sidecars, port));
  };
  assert.equal(ports(planWith(['egress'])), [9099]);
  assert.equal(ports(planWith([])), [8888]);
  assert.equal(ports(planWith(['git-gate'])), [8888, 9418]);
  assert.equal(ports(planWith(['egress'], exposed(['egress']))), [9099, 8888]);
});

test('nobody reaches the agent, and only the agent reaches the sidecars', () => {
  const { agent, sidecars, may } = places(fullMatrix());
  const stranger = { namespace: 'default', labels: (agent as { labels: Record<string, string> }).labels };
  for (const from of [sidecars, stranger, DNS, { address: '10.0.0.1' }, { address: '1.1.1.1' }]) {
    assert.equal(
      open((port) => may(from, agent, port)),
      [],
    );
  }
  for (const from of [stranger, DNS, { namespace: NAMESPACE, labels: {} }, { address: '10.0.0.1' }]) {
    assert.equal(
      open((port) => may(from, sidecars, port)),
      [],
    );
  }
});

test('the sidecars reach the internet and the name servers of the cluster', () => {
  const { sidecars, may } = places(fullMatrix());
  for (const address of INTERNET)
    assert.equal(
      open((port) => may(sidecars, { address }, port)),
      PORTS,
      address,
    );
  assert.ok(may(sidecars, DNS, 53, 'UDP'));
  assert.ok(may(sidecars, DNS, 53));
  assert.equal(
    open((port) => may(sidecars, DNS, port)),
    [53],
  );
  assert.not(may(sidecars, { namespace: 'kube-system', labels: {} }, 53));
  assert.not(may(sidecars, { namespace: 'default', labels: { 'k8s-app': 'kube-dns' } }, 53));
});

test('the sidecars reach no private, link-local, metadata or IPv6 address, nor another pod', () => {
  const { sidecars, may } = places(fullMatrix());
  for (const address of [...INSIDE, ...NEVER]) {
    assert.equal(
      open((port) => may(sidecars, { address }, port)),
      [],
      address,
    );
  }
  for (const other of [
    { namespace: NAMESPACE, labels: {} },
    { namespace: 'default', labels: {} },
  ]) {
    assert.equal(
      open((port) => may(sidecars, other, port)),
      [],
    );
  }
  for (const address of INTERNET)
    assert.equal(
      open((port) => may(sidecars, { address }, port, 'UDP')),
      [],
      address,
    );
});

test('a route to a private upstream opens the private ranges on its ports, and neither metadata nor link-local', () => {
  const { agent, sidecars, may } = places(withPrivateRoute(fullMatrix()));
  for (const address of INSIDE) {
    assert.equal(
      open((port) => may(sidecars, { address }, port)),
      [443],
      address,
    );
    assert.ok(may(sidecars, { address }, 8443));
    assert.not(may(agent, { address }, 443));
  }
  for (const address of NEVER)
    assert.equal(
      open((port) => may(sidecars, { address }, port)),
      [],
      address,
    );
});

test('ranges that the cluster calls its own are private, too', () => {
  const options = { privateRanges: ['34.118.224.0/20'] };
  const manifests = manifestsOf(fullMatrix(), options);
  const inside = { from: pod(manifests, 'sidecars'), to: { address: '34.118.224.1' }, port: 443 };
  assert.not(isAllowed(manifests, inside));
  assert.ok(isAllowed(manifestsOf(fullMatrix()), inside));
  assert.ok(isAllowed(manifestsOf(withPrivateRoute(fullMatrix()), options), inside));
});

test('the name servers of another kind of cluster can be named, and then they alone are asked', () => {
  const dns = {
    namespace: 'openshift-dns',
    podLabels: { 'dns.operator.openshift.io/daemonset-dns': 'default' },
    port: 5353,
  };
  const manifests = manifestsOf(fullMatrix(), { dns });
  const from = pod(manifests, 'sidecars');
  const there = { namespace: dns.namespace, labels: dns.podLabels };
  assert.ok(isAllowed(manifests, { from, to: there, port: 5353, protocol: 'UDP' }));
  assert.not(isAllowed(manifests, { from, to: there, port: 53, protocol: 'UDP' }));
  assert.not(isAllowed(manifests, { from, to: DNS, port: 53, protocol: 'UDP' }));
});

test('every pod of a namespace of its own is closed; in a given one other pods are left alone', () => {
  const stranger = { namespace: NAMESPACE, labels: { app: 'debug' } };
  const own = places(fullMatrix());
  assert.not(own.may(stranger, { address: '1.1.1.1' }, 443));
  const shared = places(fullMatrix(), 'bottles');
  assert.ok(shared.may({ namespace: 'bottles', labels: { app: 'debug' } }, { address: '1.1.1.1' }, 443));
  assert.not(shared.may(shared.agent, { address: '1.1.1.1' }, 443));
});

test('two bottles in one namespace do not reach each other', () => {
  const one = places(fullMatrix(), 'bottles');
  const two = places({ ...fullMatrix(), slug: 'other' }, 'bottles');
  const all = [...one.manifests, ...two.manifests];
  const may = (from: Place, to: Place): boolean => PORTS.some((port) => isAllowed(all, { from, to, port }));
  assert.ok(may(one.agent, one.sidecars));
  assert.not(may(one.agent, two.sidecars));
  assert.not(may(two.agent, one.sidecars));
  assert.not(may(one.agent, two.agent));
  assert.not(may(one.sidecars, two.sidecars));
});

test('no rule lacks its peers: a port alone would admit the API server', () => {
  for (const { kind, spec, path } of manifestsOf(withPrivateRoute(fullMatrix()))) {
    if (kind !== 'NetworkPolicy') continue;
    const { ingress = [], egress = [] } = spec as Record<string, readonly Record<string, readonly unknown[]>[]>;
    for (const rule of egress) assert.ok((rule['to'] ?? []).length > 0, path);
    for (const rule of ingress) assert.ok((rule['from'] ?? []).length > 0, path);
    for (const rule of [...ingress, ...egress]) assert.ok((rule['ports'] ?? []).length > 0, path);
  }
});

test('policies are in files before everything that runs', () => {
  const kinds = manifestsOf(fullMatrix()).map(({ kind }) => kind);
  assert.ok(kinds.lastIndexOf('NetworkPolicy') < kinds.indexOf('Deployment'));
  assert.ok(kinds.lastIndexOf('NetworkPolicy') < kinds.indexOf('Service'));
});

test.run();
