import * as assert from 'uvu/assert';
import { EVENTS_DIR } from '../../../lib/plan/index.ts';
import { exposed, fullMatrix, planWith, SLUG } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { everything } from './plans.ts';
import { allContainers, containerOf, manifest, manifestsOf, podOf, volumeAt } from './rendered.ts';

const test = suite('names, addresses and texts in pods');

const full = manifestsOf(fullMatrix());
const agent = podOf(full, 'agent');
const sidecars = podOf(full, 'sidecars');

test('the agent resolves no name, and knows the sidecars by the address of their Service', () => {
  assert.is(agent.dnsPolicy, 'None');
  assert.equal(agent.dnsConfig?.nameservers, ['127.0.0.1']);
  assert.is(agent.enableServiceLinks, true);
  const address = '$(CLAUDE_BOTTLE_SIDECARS_SERVICE_HOST)';
  const { env = [] } = containerOf(agent, 'agent');
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy']) {
    assert.is(env.find((one) => one.name === name)?.value, `http://${address}:9099`);
  }
  assert.is(containerOf(agent, 'names').args?.[0], address);
  const kinds = full.map(({ kind }) => kind);
  assert.ok(kinds.indexOf('Service') < kinds.indexOf('Deployment'), 'the Service is there first');
});

test('without egress the proxy is pipelock, at the same address', () => {
  const { env = [] } = containerOf(podOf(manifestsOf(planWith([])), 'agent'), 'agent');
  assert.is(
    env.find(({ name }) => name === 'HTTPS_PROXY')?.value,
    'http://$(CLAUDE_BOTTLE_SIDECARS_SERVICE_HOST):8888',
  );
});

test('in a given namespace the Service has the name of the bottle, and the variable, too', () => {
  const shared = manifestsOf(fullMatrix(), { namespace: 'bottles' });
  assert.is(manifest(shared, 'Service', '').metadata.name, `claude-bottle-sidecars-${SLUG}`);
  const address = '$(CLAUDE_BOTTLE_SIDECARS_DEMO_ABC12_SERVICE_HOST)';
  assert.is(containerOf(podOf(shared, 'agent'), 'names').args?.[0], address);
  assert.not.ok(shared.some(({ kind }) => kind === 'Namespace'));
  assert.ok(shared.every(({ metadata }) => metadata.namespace === 'bottles'));
});

test('only what uses it has the variables of Services', () => {
  assert.is(sidecars.enableServiceLinks, false);
});

test('the inner hop is the loopback that the daemons share; exposed, it is at the address of the pod', () => {
  const name = `claude-bottle-pipelock-${SLUG}`;
  assert.equal(sidecars.hostAliases, [{ ip: '127.0.0.1', hostnames: [name] }]);
  assert.match(manifest(full, 'ConfigMap', 'pipelock').data?.['pipelock.yaml'] ?? '', /listen: 127\.0\.0\.1:8888\n/);
  const upstream = (all: typeof full): string | undefined =>
    containerOf(podOf(all, 'sidecars'), 'egress').env?.find((one) => one.name === 'EGRESS_UPSTREAM_PROXY')?.value;
  assert.is(upstream(full), `http://${name}:8888`);
  const open = manifestsOf(planWith(['egress'], exposed(['egress'])));
  assert.is(podOf(open, 'sidecars').hostAliases, undefined);
  assert.is(upstream(open), `http://${sidecars.hostname}:8888`);
  assert.ok(
    manifest(open, 'ConfigMap', 'pipelock').data?.['pipelock.yaml']?.includes(`listen: ${sidecars.hostname}:8888\n`),
  );
});

test('every other daemon listens on the address that the host name of its pod leads to', () => {
  const listens = [
    manifest(full, 'ConfigMap', 'egress').data?.['routes.yaml'],
    manifest(full, 'ConfigMap', 'git-gate').data?.['git-gate.json'],
    manifest(full, 'ConfigMap', 'supervise').data?.['supervise.json'],
  ].map((text) => /"?listen"?: "?([^"\n]+)"?,?\n/.exec(text ?? '')?.[1]);
  assert.equal(
    listens,
    [9099, 9418, 9100].map((port) => `${sidecars.hostname}:${port}`),
  );
  assert.not.match(full.map(({ text }) => text).join(''), /listen[^\n]{0,40}0\.0\.0\.0/);
});

test('supervise gets a queue that is closed to others, which a fresh volume is not', () => {
  const mount = containerOf(sidecars, 'supervise').volumeMounts.find(
    ({ mountPath }) => mountPath === '/run/supervise/queue',
  );
  assert.is(mount?.subPath, 'queue');
  assert.equal(containerOf(sidecars, 'queue').command, [
    '/bin/sh',
    '-c',
    'mkdir -p /volume/queue && chmod 2770 /volume/queue',
  ]);
  assert.is(podOf(manifestsOf(planWith(['egress'])), 'sidecars').initContainers, undefined);
  const users = allContainers(sidecars).filter(({ volumeMounts }) =>
    volumeMounts.some(({ name }) => name === mount?.name),
  );
  assert.equal(
    users.map(({ name }) => name),
    ['supervise', 'queue'],
  );
});

test('supervise reads what the daemons leave about themselves', () => {
  const names = sidecars.containers.map((one) => volumeAt(sidecars, one, EVENTS_DIR).name);
  assert.equal([...new Set(names)], ['events']);
});

test("what the definition says of the agent's container is there", () => {
  const pod = podOf(manifestsOf(everything()), 'agent');
  const container = containerOf(pod, 'agent');
  assert.is(pod.runtimeClassName, 'gvisor');
  assert.is(container.securityContext['runAsUser'], 1234);
  assert.is(container.securityContext['runAsGroup'], 5678);
  assert.is(container.securityContext['readOnlyRootFilesystem'], false);
  assert.is(container.resources.limits['cpu'], '1500m');
  assert.is(container.resources.limits['memory'], '2Gi');
  assert.is(volumeAt(pod, container, '/scratch').emptyDir?.sizeLimit, '64Mi');
  assert.match(
    volumeAt(pod, container, '/cache').persistentVolumeClaim?.claimName ?? '',
    /^claude-bottle-u[0-9a-f]{8}-demo-abc12$/,
  );
  assert.is(agent.runtimeClassName, undefined);
});

test('text of the definition is not expanded by the kubelet', () => {
  const container = containerOf(podOf(manifestsOf(everything()), 'agent'), 'agent');
  assert.is(container.env?.find(({ name }) => name === 'PRICE')?.value, '5$$ $$(HOME) $$$$');
  assert.equal(container.args, ['sh', '-c', 'echo $$(HOME) $$$$']);
});

test.run();
