/** A Deployment of one pod, as both of a bottle's are. */

import { type Component, objectAnnotations, objectLabels, selectorLabels } from './metadata.ts';
import { type KubernetesObject, namespaced, type ObjectContext } from './objects.ts';

/** `pod` is the pod's spec; what every pod of ours has in common is added. Its volumes can be in one pod at a time. */
export function deployment(
  context: ObjectContext,
  component: Exclude<Component, 'bottle'>,
  name: string,
  pod: Readonly<Record<string, unknown>>,
): KubernetesObject {
  const { plan } = context;
  return namespaced(context, { apiVersion: 'apps/v1', kind: 'Deployment', component }, name, {
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selectorLabels(plan, component) },
      template: {
        metadata: { labels: objectLabels(plan, component), annotations: objectAnnotations(plan) },
        spec: {
          automountServiceAccountToken: false,
          hostNetwork: false,
          hostPID: false,
          hostIPC: false,
          shareProcessNamespace: false,
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 10,
          ...pod,
        },
      },
    },
  });
}
