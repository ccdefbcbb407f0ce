/** What the pods of a bottle live in: the namespace, and accounts that may do nothing. */

import { objectAnnotations, objectLabels } from './metadata.ts';
import { accountName } from './names.ts';
import { type KubernetesObject, namespaced, type ObjectContext } from './objects.ts';
import type { KubernetesOptions } from './options.ts';

/** The bottle's own namespace, which admits no pod below the *restricted* level; none where one is given. */
export function namespaces(
  { plan, namespace }: ObjectContext,
  options: KubernetesOptions,
): readonly KubernetesObject[] {
  if (options.namespace !== undefined) return [];
  const labels = { ...objectLabels(plan, 'bottle'), 'pod-security.kubernetes.io/enforce': 'restricted' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels, annotations: objectAnnotations(plan) },
    },
  ];
}

export function serviceAccounts(
  context: ObjectContext,
  { imagePullSecrets = [] }: KubernetesOptions,
): readonly KubernetesObject[] {
  return (['agent', 'sidecars'] as const).map((component) =>
    namespaced(
      context,
      { apiVersion: 'v1', kind: 'ServiceAccount', component },
      accountName(component, context.plan.slug),
      {
        automountServiceAccountToken: false,
        ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      },
    ),
  );
}
