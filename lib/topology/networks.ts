/** The networks of a compose file, and what the engine makes of them. */

import { type ComposeDocument, WITHOUT_HOST_ADDRESS } from '../plan/index.ts';
import { fieldsOf, isTrue, textOf } from './compose-values.ts';
import type { TopologyNetwork } from './model.ts';

/** What a service is on that names no network (compose specification, "networks"). */
export const DEFAULT_NETWORK = 'default';

const network = (name: string, wayOut: boolean, hostAddress: boolean, external: boolean): TopologyNetwork => ({
  name,
  wayOut,
  hostAddress,
  isolated: !wayOut && !hostAddress,
  external,
});

function described(document: ComposeDocument, key: string): TopologyNetwork {
  const entry = fieldsOf(document.networks[key]);
  const name = textOf(entry.name);
  const foreign = isTrue(entry.external) || Object.keys(fieldsOf(entry.external)).length > 0;
  const shared = foreign || isTrue(entry.attachable) || (name !== undefined && name !== `${document.name}_${key}`);
  // What a network that someone else made, or another driver's, lets through is not in the document.
  const known = !foreign && (entry.driver === undefined || entry.driver === 'bridge') && !isTrue(entry.enable_ipv6);
  if (!known) return network(key, true, true, shared);
  const withoutAddress = isTrue(fieldsOf(entry.driver_opts)[WITHOUT_HOST_ADDRESS]);
  return network(key, !isTrue(entry.internal), !withoutAddress, shared);
}

export interface ComposeNetworks {
  readonly networks: readonly TopologyNetwork[];
  /** The network that a key of the document leads to. */
  readonly named: (key: string) => string;
}

/** The document's networks, and those that `used` names beyond them. Two keys of one engine network are one. */
export function networksOf(document: ComposeDocument, used: Iterable<string>): ComposeNetworks {
  const keys = new Set([...Object.keys(document.networks), ...used]);
  const first = new Map<string, string>();
  const canonical = new Map<string, string>();
  for (const key of keys) {
    const engineName = textOf(fieldsOf(document.networks[key]).name) ?? `${document.name}_${key}`;
    if (!first.has(engineName)) first.set(engineName, key);
    canonical.set(key, first.get(engineName) ?? key);
  }
  const networks = [...first.values()].map((name) => {
    const all = [...keys].filter((key) => canonical.get(key) === name).map((key) => described(document, key));
    const some = (of: (one: TopologyNetwork) => boolean): boolean => all.some(of);
    return network(
      name,
      some((one) => one.wayOut),
      some((one) => one.hostAddress),
      some((one) => one.external),
    );
  });
  return { networks, named: (key) => canonical.get(key) ?? key };
}
