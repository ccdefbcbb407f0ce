/** The Service of the sidecars: one address for what faces the agent. */

import { DAEMON_PORT } from '../../plan/index.ts';
import { selectorLabels } from './metadata.ts';
import { serviceName } from './names.ts';
import { type KubernetesObject, namespaced, type ObjectContext } from './objects.ts';
import type { KubernetesOptions } from './options.ts';
import { agentFacing } from './reachable.ts';

export function sidecarsService(context: ObjectContext, options: KubernetesOptions): KubernetesObject {
  const { plan } = context;
  const kind = { apiVersion: 'v1', kind: 'Service', component: 'sidecars' } as const;
  return namespaced(context, kind, serviceName(plan.slug, options), {
    spec: {
      type: 'ClusterIP',
      // The daemons bind IPv4 alone.
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
      selector: selectorLabels(plan, 'sidecars'),
      ports: agentFacing(plan).map((daemon) => ({
        name: daemon,
        protocol: 'TCP',
        port: DAEMON_PORT[daemon],
        targetPort: DAEMON_PORT[daemon],
      })),
    },
  });
}
