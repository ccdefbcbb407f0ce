/** Manifests as a cluster would read them, for the tests of the renderer. */

import { parse } from 'yaml';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { type KubernetesOptions, renderKubernetes } from '../../../lib/render/kubernetes/index.ts';

export const DIGEST = 'a'.repeat(64);

export const IMAGES = {
  agent: 'registry.example.com/team/agent:1.2.3',
  sidecars: `registry.example.com/team/sidecars@sha256:${DIGEST}`,
} as const;

export interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
}

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly Variable[];
  readonly volumeMounts: readonly Mount[];
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly securityContext: Record<string, unknown>;
  readonly livenessProbe?: unknown;
  readonly readinessProbe?: unknown;
  readonly startupProbe?: unknown;
}

export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string; readonly items?: unknown };
  readonly secret?: { readonly secretName: string; readonly defaultMode: number };
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: {
    readonly sources: readonly {
      readonly configMap: {
        readonly name: string;
        readonly items: readonly { readonly key: string; readonly path: string }[];
      };
    }[];
  };
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly securityContext: Record<string, unknown>;
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  readonly hostname: string;
  readonly dnsPolicy: string;
  readonly dnsConfig?: { readonly nameservers?: readonly string[]; readonly options?: unknown };
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly runtimeClassName?: string;
  readonly terminationGracePeriodSeconds: number;
}

export interface Manifest {
  readonly path: string;
  readonly text: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
  readonly data?: Record<string, string>;
  readonly spec?: unknown;
}

/** The manifests in the order of their files. */
export function manifestsOf(plan: BottlePlan, options: KubernetesOptions = {}): readonly Manifest[] {
  return Object.entries(renderKubernetes(plan, { images: IMAGES, ...options })).map(([path, text]) => ({
    ...(parse(text, { version: '1.1' }) as Omit<Manifest, 'path' | 'text'>),
    path,
    text,
  }));
}

export function manifest(all: readonly Manifest[], kind: string, word: string): Manifest {
  const found = all.filter((one) => one.kind === kind && one.metadata.name.includes(word));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} objects ${kind} *${word}*`);
  return only;
}

/** The pod of the agent or of the sidecars. */
export function podOf(all: readonly Manifest[], component: 'agent' | 'sidecars'): PodSpec {
  const found = all.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.labels['app.kubernetes.io/component'] === component,
  );
  if (found === undefined) throw new Error(`no Deployment of the ${component}`);
  return (found.spec as { readonly template: { readonly spec: PodSpec } }).template.spec;
}

export function containerOf(pod: PodSpec, name: string): Container {
  const found = [...pod.containers, ...(pod.initContainers ?? [])].find((one) => one.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
}

export function volumeAt(pod: PodSpec, container: Container, mountPath: string): Volume {
  const mount = container.volumeMounts.find((one) => one.mountPath === mountPath);
  const volume = pod.volumes.find(({ name }) => name === mount?.name);
  if (volume === undefined) throw new Error(`${container.name} has nothing at ${mountPath}`);
  return volume;
}

export const allContainers = (pod: PodSpec): readonly Container[] => [...pod.containers, ...(pod.initContainers ?? [])];
