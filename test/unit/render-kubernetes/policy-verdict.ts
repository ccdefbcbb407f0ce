/** What NetworkPolicies allow, judged as the API's documentation says (networking.k8s.io/v1, NetworkPolicy). */

import ipaddr from 'ipaddr.js';
import type { Manifest } from './rendered.ts';

type Labels = Readonly<Record<string, string>>;

/** A pod, or an address outside the cluster. */
export type Place = { readonly namespace: string; readonly labels: Labels } | { readonly address: string };

interface Selector {
  readonly matchLabels?: Labels;
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Rule {
  readonly to?: readonly Peer[];
  readonly from?: readonly Peer[];
  readonly ports?: readonly { readonly protocol: string; readonly port?: number }[];
}

interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

export interface Connection {
  readonly from: Place;
  readonly to: Place;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
}

const matches = ({ matchLabels = {} }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value);

const within = (address: string, range: string): boolean =>
  ipaddr.process(address).kind() === ipaddr.parseCIDR(range)[0].kind() &&
  ipaddr.process(address).match(ipaddr.parseCIDR(range));

function isPeer(peer: Peer, place: Place, policyNamespace: string): boolean {
  if ('address' in place) {
    const { ipBlock } = peer;
    if (ipBlock === undefined || !within(place.address, ipBlock.cidr)) return false;
    return !(ipBlock.except ?? []).some((range) => within(place.address, range));
  }
  if (peer.ipBlock !== undefined) return false;
  const inNamespace =
    peer.namespaceSelector === undefined
      ? place.namespace === policyNamespace
      : matches(peer.namespaceSelector, { 'kubernetes.io/metadata.name': place.namespace });
  return inNamespace && matches(peer.podSelector ?? {}, place.labels);
}

function admits(
  rule: Rule,
  peers: readonly Peer[] | undefined,
  other: Place,
  namespace: string,
  { port, protocol = 'TCP' }: Connection,
): boolean {
  const onPort = rule.ports?.some((one) => one.protocol === protocol && (one.port === undefined || one.port === port));
  return (onPort ?? true) && (peers?.some((peer) => isPeer(peer, other, namespace)) ?? true);
}

function allowedAt(
  policies: readonly Manifest[],
  own: Place,
  other: Place,
  way: 'Ingress' | 'Egress',
  connection: Connection,
): boolean {
  if ('address' in own) return true;
  const selecting = policies.filter(({ metadata, spec }) => {
    const { podSelector, policyTypes } = spec as PolicySpec;
    return metadata.namespace === own.namespace && policyTypes.includes(way) && matches(podSelector, own.labels);
  });
  if (selecting.length === 0) return true;
  return selecting.some(({ metadata, spec }) => {
    const { ingress = [], egress = [] } = spec as PolicySpec;
    const rules = way === 'Ingress' ? ingress : egress;
    return rules.some((rule) =>
      admits(rule, way === 'Ingress' ? rule.from : rule.to, other, metadata.namespace ?? '', connection),
    );
  });
}

/** Whether all policies of `manifests` together let `connection` be made. */
export function isAllowed(manifests: readonly Manifest[], connection: Connection): boolean {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  const { from, to } = connection;
  return allowedAt(policies, from, to, 'Egress', connection) && allowedAt(policies, to, from, 'Ingress', connection);
}
