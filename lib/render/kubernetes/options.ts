/** What the cluster decides and a definition does not: given by whoever renders, the same for every bottle of a cluster. */

/** Where the sidecars ask for names: pods of the cluster's own DNS. */
export interface ClusterDns {
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Port of the pods, not of their Service: policies are judged behind the translation of addresses. */
  readonly port: number;
}

export interface KubernetesOptions {
  /**
   * Image references by digest or explicit tag, for images that the definition leaves to deploy. One given here takes
   * the place of one that the definition names: its digest, say.
   */
  readonly images?: { readonly agent?: string; readonly sidecars?: string };
  /**
   * An existing namespace to share.
   *
   * @default one of the bottle's own, which is rendered
   */
  readonly namespace?: string;
  /** @default the cluster's default class */
  readonly storageClass?: string;
  /** Secrets with the credentials of a registry, in the bottle's namespace. @default none */
  readonly imagePullSecrets?: readonly string[];
  /** @default the `kube-dns` pods of `kube-system`, port 53 */
  readonly dns?: ClusterDns;
  /** IPv4 ranges that are the cluster's or the organisation's own though their addresses look public. @default none */
  readonly privateRanges?: readonly string[];
}

export const DEFAULT_DNS: ClusterDns = { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' }, port: 53 };
