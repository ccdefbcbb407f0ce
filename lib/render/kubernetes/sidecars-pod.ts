/** The Deployment of the sidecars: one pod, a container for each daemon, one loopback for all (domain §10). */

import { type BottlePlan, DAEMON_UID, longAlias, pipelockIsInnerHop } from '../../plan/index.ts';
import { deployment } from './deployment.ts';
import { accountName, sidecarsName } from './names.ts';
import type { KubernetesObject, ObjectContext } from './objects.ts';
import { distinctVolumes } from './pod-volumes.ts';
import { stepResources } from './resources.ts';
import { containerSecurity, podSecurity } from './security.ts';
import { QUEUE_SUBPATH, queueVolume, sidecarContainer, sidecarMounts } from './sidecar-container.ts';

/** Group of the pod's volumes; no daemon's own. */
export const SIDECARS_GROUP = 10_000;

/** Makes the queue as supervise wants it: its own, open to its group, closed to others. */
function queueStep(image: string): object {
  const { mount } = queueVolume('/volume');
  const uid = DAEMON_UID.supervise;
  const path = `${mount.mountPath}/${QUEUE_SUBPATH}`;
  return {
    name: 'queue',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c', `mkdir -p ${path} && chmod 2770 ${path}`],
    resources: stepResources(),
    securityContext: containerSecurity({ uid, gid: uid }, true),
    volumeMounts: [mount],
  };
}

/** With `ndots` 1 a full name is asked for as it is, not first below the cluster's domains. */
const NAMES = { dnsPolicy: 'ClusterFirst', dnsConfig: { options: [{ name: 'ndots', value: '1' }] } } as const;

/** The inner hop by the name that egress dials, as compose's `extra_hosts`. */
const innerHop = (plan: BottlePlan): object =>
  pipelockIsInnerHop(plan) ? { hostAliases: [{ ip: '127.0.0.1', hostnames: [longAlias('pipelock', plan.slug)] }] } : {};

export function sidecarsDeployment(context: ObjectContext, image: string): KubernetesObject {
  const { plan } = context;
  const { daemons, supervise } = plan.sidecars;
  const name = sidecarsName(plan.slug);
  return deployment(context, 'sidecars', name, {
    serviceAccountName: accountName('sidecars', plan.slug),
    // The name that the daemons bind the address of.
    hostname: name,
    enableServiceLinks: false,
    ...NAMES,
    ...innerHop(plan),
    securityContext: podSecurity(SIDECARS_GROUP),
    ...(supervise === undefined ? {} : { initContainers: [queueStep(image)] }),
    containers: daemons.map((daemon) => sidecarContainer(plan, daemon, image)),
    volumes: distinctVolumes(daemons.flatMap((daemon) => sidecarMounts(plan, daemon))),
  });
}
