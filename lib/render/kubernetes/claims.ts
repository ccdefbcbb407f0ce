/** The PersistentVolumeClaims of a bottle: what outlives its pods. */

import type { BottlePlan } from '../../plan/index.ts';
import type { Component } from './metadata.ts';
import { claimName, userClaimName } from './names.ts';
import { type KubernetesObject, namespaced, type ObjectContext } from './objects.ts';
import type { KubernetesOptions } from './options.ts';

const SIZE = { workspace: '10Gi', home: '5Gi', mirrors: '5Gi', user: '5Gi' } as const;

interface Claim {
  readonly name: string;
  readonly component: Exclude<Component, 'bottle'>;
  readonly size: string;
}

const ownClaims = ({ slug, sidecars }: BottlePlan): readonly Claim[] => [
  { name: claimName('workspace', slug), component: 'agent', size: SIZE.workspace },
  { name: claimName('home', slug), component: 'agent', size: SIZE.home },
  ...(sidecars.gitGate === undefined
    ? []
    : [{ name: claimName('mirrors', slug), component: 'sidecars' as const, size: SIZE.mirrors }]),
];

function userClaims(plan: BottlePlan): readonly Claim[] {
  return (['agent', 'sidecars'] as const).flatMap((component) =>
    plan[component].mounts.flatMap((mount) =>
      mount.kind === 'volume' ? [{ name: userClaimName(mount.name, plan.slug), component, size: SIZE.user }] : [],
    ),
  );
}

/** Each once. */
export function claims(context: ObjectContext, { storageClass }: KubernetesOptions): readonly KubernetesObject[] {
  const { plan } = context;
  const all = new Map([...ownClaims(plan), ...userClaims(plan)].map((claim) => [claim.name, claim]));
  return [...all.values()].map(({ name, component, size }) =>
    namespaced(context, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', component }, name, {
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
        resources: { requests: { storage: size } },
      },
    }),
  );
}
