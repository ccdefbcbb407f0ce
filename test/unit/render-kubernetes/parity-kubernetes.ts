/** The facts of a bottle on Kubernetes. */

import { type BottlePlan, DAEMON_PORT, type Daemon, daemonNamed } from '../../../lib/plan/index.ts';
import { givenObjects } from '../../../lib/render/kubernetes/index.ts';
import { bytes, type Facts, listenFact, prefixed } from './parity-facts.ts';
import { isAllowed } from './policy-verdict.ts';
import {
  type Container,
  type Manifest,
  manifestsOf,
  type PodSpec,
  podOf,
  type Variable,
  type Volume,
} from './rendered.ts';

const unexpanded = (text: string): string => text.replaceAll('$$', '$');

function variable(plan: BottlePlan, { name, value, valueFrom }: Variable): readonly [string, string] {
  if (valueFrom === undefined) return [`env ${name}`, unexpanded(value ?? '')];
  const { name: secret, key } = valueFrom.secretKeyRef;
  const source = givenObjects(plan).find((one) => one.name === secret && one.kind === 'Secret')?.keys[key];
  return [
    `env ${name}`,
    source?.kind === 'variable' ? `from ${source.name}` : source?.kind === 'answer' ? 'asked' : 'missing',
  ];
}

function volumeFact({ emptyDir, persistentVolumeClaim }: Volume): string {
  if (persistentVolumeClaim !== undefined) return 'volume';
  if (emptyDir === undefined) return 'files, read-only';
  if (emptyDir.medium !== 'Memory') return 'directory of the pod';
  return `tmpfs${emptyDir.sizeLimit === undefined ? '' : ` ${bytes(emptyDir.sizeLimit)}`}`;
}

function mounts(pod: PodSpec, container: Container): Facts {
  return Object.fromEntries(
    container.volumeMounts.map(({ name, mountPath }) => {
      const volume = pod.volumes.find((one) => one.name === name);
      return [`mount ${mountPath}`, volume === undefined ? 'nothing' : volumeFact(volume)];
    }),
  );
}

function files(all: readonly Manifest[], pod: PodSpec, container: Container): Facts {
  const data = (name: string): Readonly<Record<string, string>> =>
    all.find((one) => one.kind === 'ConfigMap' && one.metadata.name === name)?.data ?? {};
  return Object.fromEntries(
    container.volumeMounts.flatMap(({ name, mountPath }) => {
      const { configMap, projected } = pod.volumes.find((one) => one.name === name) ?? {};
      const whole = Object.entries(configMap === undefined ? {} : data(configMap.name));
      const chosen = (projected?.sources ?? []).flatMap(({ configMap: source }) =>
        source.items.flatMap(({ key, path }): (readonly [string, string])[] => {
          const text = data(source.name)[key];
          return text === undefined ? [] : [[path, text]];
        }),
      );
      return [...whole, ...chosen].map(([path, text]) => [`file ${mountPath}/${path}`, text]);
    }),
  );
}

const words = (value: unknown): string => (Array.isArray(value) ? value.join() : '');

function facts(plan: BottlePlan, all: readonly Manifest[], pod: PodSpec, container: Container): Facts {
  const { securityContext: security, resources } = container;
  const { add, drop } = security['capabilities'] as { add?: unknown; drop?: unknown };
  const health = container.readinessProbe as { exec: { command: readonly string[] } } | undefined;
  const cpu = resources.limits['cpu'];
  return {
    ...Object.fromEntries((container.env ?? []).map((one) => variable(plan, one))),
    ...mounts(pod, container),
    ...files(all, pod, container),
    command: [...(container.command ?? []), ...(container.args ?? []).map(unexpanded)].join(' '),
    'working directory': container.workingDir ?? '',
    user: `${security['runAsUser']}:${security['runAsGroup']}`,
    runtime: pod.runtimeClassName ?? '',
    names: pod.dnsConfig?.nameservers?.join() ?? 'resolved',
    capabilities: `${words(drop)} dropped, ${words(add) || 'none'} added`,
    'no new privileges': String(security['allowPrivilegeEscalation'] === false),
    'read-only root': String(security['readOnlyRootFilesystem']),
    memory: bytes(resources.limits['memory'] ?? ''),
    cpus: cpu === undefined ? 'any' : String(cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1_000 : Number(cpu)),
    pids: 'as the kubelet says',
    grace: `${pod.terminationGracePeriodSeconds}s`,
    restart: 'by the kubelet',
    logs: 'as the kubelet says',
    health: health?.exec.command.join(' ') ?? 'none',
  };
}

function dialled(all: readonly Manifest[], daemon: Daemon): string {
  const place = (component: 'agent' | 'sidecars') => {
    const found = all.find(
      (one) => one.kind === 'Deployment' && one.metadata.labels['app.kubernetes.io/component'] === component,
    );
    if (found === undefined) throw new Error(`no ${component}`);
    const { template } = found.spec as { template: { metadata: { labels: Record<string, string> } } };
    return { namespace: found.metadata.namespace ?? '', labels: template.metadata.labels };
  };
  const service = all.find(({ kind }) => kind === 'Service')?.spec as { ports: readonly { port: number }[] };
  const port = DAEMON_PORT[daemon];
  const allowed = isAllowed(all, { from: place('agent'), to: place('sidecars'), port });
  const served = service.ports.some((one) => one.port === port);
  return allowed === served ? String(allowed) : `allowed: ${allowed}, served: ${served}`;
}

export function kubernetesFacts(plan: BottlePlan): Facts {
  const all = manifestsOf(plan);
  const parts = [podOf(all, 'sidecars'), podOf(all, 'agent')].flatMap((pod) =>
    pod.containers.map((container) => {
      const own = facts(plan, all, pod, container);
      const daemon = daemonNamed(container.name);
      if (daemon === undefined) return prefixed(container.name, own);
      return prefixed(daemon, { ...own, listens: listenFact(daemon, own), 'agent dials it': dialled(all, daemon) });
    }),
  );
  return Object.assign({}, ...parts) as Facts;
}
