/**
 * The *restricted* level of the Pod Security Standards, control by control, written anew from the standard's page and not
 * from the renderer: what a pod's spec violates.
 */

import type { Container, PodSpec } from './rendered.ts';
import { allContainers } from './rendered.ts';

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

function* containerViolations(pod: PodSpec, container: Container): Iterable<string> {
  const security = fields(container.securityContext);
  const pods = fields(pod.securityContext);
  const capabilities = fields(security['capabilities']);
  const profile = fields(security['seccompProfile'] ?? pods['seccompProfile'])['type'];
  if (security['privileged'] === true) yield 'privileged';
  if (security['allowPrivilegeEscalation'] !== false) yield 'allowPrivilegeEscalation';
  if (JSON.stringify(capabilities['drop']) !== '["ALL"]') yield 'capabilities.drop';
  for (const added of (capabilities['add'] as readonly string[] | undefined) ?? []) {
    if (added !== 'NET_BIND_SERVICE') yield `capabilities.add ${added}`;
  }
  if ((security['runAsNonRoot'] ?? pods['runAsNonRoot']) !== true) yield 'runAsNonRoot';
  if ((security['runAsUser'] ?? pods['runAsUser']) === 0) yield 'runAsUser';
  if (profile !== 'RuntimeDefault' && profile !== 'Localhost') yield 'seccompProfile';
  if (security['procMount'] !== undefined && security['procMount'] !== 'Default') yield 'procMount';
  if (fields(security['appArmorProfile'])['type'] === 'Unconfined') yield 'appArmorProfile';
  for (const port of (fields(container)['ports'] as readonly Fields[] | undefined) ?? []) {
    if (port['hostPort'] !== undefined && port['hostPort'] !== 0) yield 'hostPort';
  }
}

function* podViolations(pod: PodSpec): Iterable<string> {
  const spec = fields(pod);
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) if (spec[key] === true) yield key;
  for (const volume of pod.volumes) {
    for (const key of Object.keys(volume)) if (key !== 'name' && !VOLUMES.includes(key)) yield `volume ${key}`;
  }
  if (fields(pod.securityContext)['sysctls'] !== undefined) yield 'sysctls';
}

export const restrictedViolations = (pod: PodSpec): readonly string[] => [
  ...podViolations(pod),
  ...allContainers(pod).flatMap((container) =>
    [...containerViolations(pod, container)].map((violation) => `${container.name}: ${violation}`),
  ),
];
