/** `kubernetes/`: everything that a bottle is on a cluster, in files that apply in the order of their names. */

import { ApiObject, App, Chart } from 'cdk8s';
import type { BottlePlan } from '../../plan/index.ts';
import { yamlText } from '../yaml.ts';
import { agentDeployment } from './agent-pod.ts';
import { claims } from './claims.ts';
import { configMaps } from './config-maps.ts';
import { namespaceName } from './names.ts';
import { networkPolicies } from './network-policies.ts';
import type { KubernetesObject, ObjectContext } from './objects.ts';
import type { KubernetesOptions } from './options.ts';
import { imageReference } from './pinned-image.ts';
import { KubernetesTargetError, kubernetesProblems } from './problems.ts';
import { sidecarsService } from './service.ts';
import { sidecarsDeployment } from './sidecars-pod.ts';
import { sorted } from './sorted.ts';
import { namespaces, serviceAccounts } from './surroundings.ts';

export interface NumberedObject {
  /** Objects of one kind have a hundred numbers, so that one more never renames the files of another kind. */
  readonly number: number;
  readonly object: KubernetesObject;
}

/**
 * The objects in the order in which they have to exist. Policies come before all that runs; the Service before the pods,
 * which learn its address when they start; the sidecars before the agent.
 */
function groups(context: ObjectContext, options: KubernetesOptions): readonly (readonly KubernetesObject[])[] {
  const { plan } = context;
  const image = (owner: 'agent' | 'sidecars'): string => imageReference(plan, owner, options) ?? '';
  return [
    namespaces(context, options),
    serviceAccounts(context, options),
    networkPolicies(context, options),
    claims(context, options),
    configMaps(context),
    [sidecarsService(context, options)],
    [sidecarsDeployment(context, image('sidecars'))],
    [agentDeployment(context, options, image('agent'))],
  ];
}

/** The objects of `plan`. Throws {@link KubernetesTargetError} with all that this target cannot do. */
export function kubernetesObjects(plan: BottlePlan, options: KubernetesOptions = {}): readonly NumberedObject[] {
  const problems = kubernetesProblems(plan, options);
  if (problems.length > 0) throw new KubernetesTargetError(problems);
  const context = { plan, namespace: namespaceName(plan.slug, options) };
  return groups(context, options).flatMap((objects, group) =>
    objects.map((object, index) => ({ number: group * 100 + index, object })),
  );
}

const FIRST_KEYS = ['apiVersion', 'kind', 'metadata'] as const;

/** The object as cdk8s makes it; its own names and order of objects are not used. */
function built(chart: Chart, id: string, object: KubernetesObject): Readonly<Record<string, unknown>> {
  const json = new ApiObject(chart, id, object).toJson() as Record<string, unknown>;
  const first = Object.fromEntries(FIRST_KEYS.map((key) => [key, sorted(json[key])]));
  const rest = Object.entries(json).filter(([key]) => !FIRST_KEYS.some((one) => one === key));
  return { ...first, ...(sorted(Object.fromEntries(rest)) as object) };
}

/** File texts by path relative to `<outdir>/<slug>/`; `kubectl apply -f` on the directory makes the bottle. */
export function renderKubernetes(plan: BottlePlan, options: KubernetesOptions = {}): Readonly<Record<string, string>> {
  const chart = new Chart(new App(), 'bottle');
  const files = kubernetesObjects(plan, options).map(({ number, object }) => {
    const id = `${String(number).padStart(4, '0')}-${object.kind.toLowerCase()}-${object.metadata.name}`;
    return [`kubernetes/${id}.yaml`, yamlText(built(chart, id, object))] as const;
  });
  return Object.fromEntries(files);
}
