/** What the *restricted* pod-security level asks for (Kubernetes, "Pod Security Standards"), and more. */

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Pod level. Volumes belong to `group`, which every container of the pod has besides its own. */
export function podSecurity(group: number): object {
  return {
    runAsNonRoot: true,
    fsGroup: group,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** Container level: what a pod's own cannot say, and what no change of the pod's may take away. */
export function containerSecurity({ uid, gid }: Identity, readOnlyRoot: boolean): object {
  return {
    allowPrivilegeEscalation: false,
    privileged: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: readOnlyRoot,
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: gid,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}
