import * as assert from 'uvu/assert';
import {
  CONFIG_DIR,
  DAEMON_UID,
  type Daemon,
  INIT_DIR,
  isProxyVariable,
  PRIVATE_DIR,
  SECRET_DIR,
} from '../../../lib/plan/index.ts';
import { fullMatrix, SLUG } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { everything, withAgent } from './plans.ts';
import {
  allContainers,
  containerOf,
  IMAGES,
  manifest,
  manifestsOf,
  type PodSpec,
  podOf,
  volumeAt,
} from './rendered.ts';
import { restrictedViolations } from './restricted.ts';

const test = suite('pods of a bottle on Kubernetes');

const full = manifestsOf(fullMatrix());
const agent = podOf(full, 'agent');
const sidecars = podOf(full, 'sidecars');
const PODS = [agent, sidecars, podOf(manifestsOf(everything()), 'agent'), podOf(manifestsOf(everything()), 'sidecars')];

test('there are two pods, of which the agent shares none with a daemon', () => {
  assert.equal(full.filter(({ kind }) => kind === 'Deployment').length, 2);
  assert.equal(
    agent.containers.map(({ name }) => name),
    ['agent'],
  );
  assert.equal(
    sidecars.containers.map(({ name }) => name),
    ['egress', 'pipelock', 'git-gate', 'supervise'],
  );
});

test('each is one replica that is replaced whole', () => {
  for (const { spec } of full.filter(({ kind }) => kind === 'Deployment')) {
    const { replicas, strategy } = spec as { replicas: number; strategy: unknown };
    assert.is(replicas, 1);
    assert.equal(strategy, { type: 'Recreate' });
  }
});

test('every pod passes the restricted level, which its namespace enforces', () => {
  for (const pod of PODS) assert.equal(restrictedViolations(pod), []);
  const { metadata } = manifest(full, 'Namespace', SLUG);
  assert.is(metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
});

test('the judge of that level sees what breaks it', () => {
  const [first, ...rest] = sidecars.containers;
  if (first === undefined) throw new Error('no container');
  const security = (more: object): PodSpec => ({
    ...sidecars,
    containers: [{ ...first, securityContext: { ...first.securityContext, ...more } }, ...rest],
  });
  assert.equal(restrictedViolations(security({ allowPrivilegeEscalation: true })), [
    'egress: allowPrivilegeEscalation',
  ]);
  assert.equal(restrictedViolations(security({ capabilities: { drop: ['ALL'], add: ['SETUID'] } })), [
    'egress: capabilities.add SETUID',
  ]);
  assert.equal(restrictedViolations(security({ runAsUser: 0 })), ['egress: runAsUser']);
  assert.equal(restrictedViolations(security({ seccompProfile: { type: 'Unconfined' } })), ['egress: seccompProfile']);
  const hostPath = { ...sidecars, volumes: [{ name: 'x', hostPath: { path: '/' } } as never] };
  assert.equal(restrictedViolations(hostPath), ['volume hostPath']);
  assert.equal(restrictedViolations({ ...sidecars, hostNetwork: true } as never), ['hostNetwork']);
});

test('no pod and no account has a token, and no pod shares anything with its node', () => {
  for (const pod of PODS) assert.is(pod.automountServiceAccountToken, false);
  const accounts = full.filter(({ kind }) => kind === 'ServiceAccount');
  assert.equal(
    accounts.map((one) => (one as { automountServiceAccountToken?: boolean }).automountServiceAccountToken),
    [false, false],
  );
  assert.equal(
    [agent, sidecars].map((pod) => pod.serviceAccountName),
    accounts.map(({ metadata }) => metadata.name),
  );
  for (const { text, path } of full) assert.not.match(text, /hostPath|hostPort|serviceAccountToken:|nodePort/, path);
});

test('the root file system is read-only, and what compose has as tmpfs is memory', () => {
  for (const container of [...allContainers(agent), ...allContainers(sidecars)]) {
    assert.is(container.securityContext['readOnlyRootFilesystem'], true, container.name);
  }
  for (const [name, paths] of [
    ['egress', ['/tmp', INIT_DIR, PRIVATE_DIR.egress]],
    ['pipelock', ['/tmp', INIT_DIR, PRIVATE_DIR.pipelock]],
    ['git-gate', ['/tmp', INIT_DIR, PRIVATE_DIR['git-gate']]],
    ['supervise', ['/tmp', INIT_DIR]],
  ] as const) {
    for (const path of paths) {
      assert.is(volumeAt(sidecars, containerOf(sidecars, name), path).emptyDir?.medium, 'Memory', `${name} ${path}`);
    }
  }
  for (const path of ['/tmp', '/run']) {
    assert.is(volumeAt(agent, containerOf(agent, 'agent'), path).emptyDir?.medium, 'Memory', path);
  }
});

test('each daemon has a container of its own: one name, one uid, its own scratch and its own secrets', () => {
  const uids = sidecars.containers.map(({ securityContext }) => securityContext['runAsUser']);
  assert.is(new Set(uids).size, sidecars.containers.length);
  for (const container of sidecars.containers) {
    const daemon = container.name as Daemon;
    assert.is(container.securityContext['runAsUser'], DAEMON_UID[daemon]);
    assert.is(container.image, IMAGES.sidecars);
    assert.equal(container.env?.[0], { name: 'CLAUDE_BOTTLE_SIDECAR_DAEMONS', value: daemon });
    for (const path of ['/tmp', INIT_DIR, ...Object.values(SECRET_DIR), ...Object.values(PRIVATE_DIR)]) {
      const [mount] = container.volumeMounts.filter(({ mountPath }) => mountPath === path);
      if (mount === undefined) continue;
      const users = sidecars.containers.filter(({ volumeMounts }) =>
        volumeMounts.some(({ name }) => name === mount.name),
      );
      assert.equal(
        users.map(({ name }) => name),
        [daemon],
        path,
      );
    }
  }
  const holders = sidecars.containers.filter(({ volumeMounts }) =>
    volumeMounts.some(({ mountPath }) => mountPath.startsWith('/run/secrets/')),
  );
  assert.equal(
    holders.map(({ name }) => name),
    ['egress', 'pipelock', 'git-gate'],
  );
});

test('tokens reach egress alone', () => {
  for (const container of allContainers(sidecars)) {
    const tokens = (container.env ?? []).filter(({ name }) => name.startsWith('EGRESS_TOKEN_'));
    assert.is(tokens.length, container.name === 'egress' ? 2 : 0, container.name);
  }
});

test('no container of the sidecars has a proxy variable', () => {
  for (const container of allContainers(sidecars)) {
    assert.not.ok(
      (container.env ?? []).some(({ name }) => isProxyVariable(name)),
      container.name,
    );
  }
});

test('configuration is mounted as whole directories, read-only', () => {
  for (const container of sidecars.containers) {
    const path = CONFIG_DIR[container.name as Daemon];
    const mount = container.volumeMounts.find(({ mountPath }) => mountPath === path);
    assert.is(mount?.readOnly, true);
    assert.is(mount?.subPath, undefined);
    const volume = volumeAt(sidecars, container, path);
    assert.is(volume.configMap?.items, undefined);
    assert.is(volume.configMap?.name, `claude-bottle-${container.name}-${SLUG}`);
  }
});

test('each daemon is probed by the health command, and the agent by nothing', () => {
  for (const { startupProbe, readinessProbe, livenessProbe } of sidecars.containers) {
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      assert.equal((probe as { exec: unknown }).exec, { command: ['/usr/local/bin/bundle-health'] });
    }
  }
  const { startupProbe, readinessProbe, livenessProbe } = containerOf(agent, 'agent');
  assert.equal([startupProbe, readinessProbe, livenessProbe], [undefined, undefined, undefined]);
});

test('every container has requests and limits, none of which is below the other', () => {
  const bytes = (text: string): number => {
    const [, amount, unit = ''] = /^(\d+)(Ki|Mi|Gi)?$/.exec(text) ?? [];
    return Number(amount) * ({ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit] ?? 1);
  };
  for (const pod of PODS) {
    for (const { name, resources } of allContainers(pod)) {
      assert.ok(resources.requests['cpu'], name);
      assert.ok(bytes(resources.requests['memory'] ?? '') > 0, name);
      assert.ok(bytes(resources.requests['memory'] ?? '') <= bytes(resources.limits['memory'] ?? ''), name);
    }
  }
  const small = podOf(
    manifestsOf(withAgent(fullMatrix(), { resources: { memory: '64m', cpus: 0.1, pids: 32 } })),
    'agent',
  );
  assert.equal(containerOf(small, 'agent').resources, {
    requests: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
    limits: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '4Gi' },
  });
});

test.run();
