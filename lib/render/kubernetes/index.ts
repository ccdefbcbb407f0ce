export { type GivenObject, type GivenSource, givenObjects } from './given.ts';
export { kubernetesObjects, renderKubernetes } from './manifests.ts';
export type { KubernetesObject } from './objects.ts';
export type { ClusterDns, KubernetesOptions } from './options.ts';
export { type KubernetesProblem, KubernetesTargetError, kubernetesProblems } from './problems.ts';
