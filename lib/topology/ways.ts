/** The ways by which a connection comes about. */

import { HOST, type Listener, LOOPBACK, type Topology, type TopologyContainer } from './model.ts';

/** A container, or a word for what is outside of the bottle. */
export type Party = TopologyContainer | string;

/** Whether a network namespace is not of this bottle: the host's, or that of a container of which nothing is known. */
export const foreignNamespace = (topology: Topology, namespace: string): boolean =>
  !topology.containers.some(({ service }) => service === namespace);

/** Everyone whose processes or shared memory `container` is together with: joining goes both ways, and on. */
export function sharedProcesses(topology: Topology, { service }: TopologyContainer): ReadonlySet<string> {
  const together = new Set([service]);
  for (let size = 0; size < together.size; ) {
    size = together.size;
    for (const one of topology.containers) {
      // The host sees everyone; that joins nobody to anybody but to the host.
      const links = one.sees.filter((seen) => seen !== HOST && together.has(seen));
      if (links.length > 0) together.add(one.service);
      if (together.has(one.service)) for (const seen of one.sees) together.add(seen);
    }
  }
  return together;
}

/** Why someone outside, or a container by way of the outside, gets to what `target` publishes, or undefined. */
function byPublishing(target: TopologyContainer, ports: readonly number[] | undefined, onHost: boolean) {
  const open = target.published.find(
    ({ port, loopbackOnly }) =>
      (onHost || !loopbackOnly) && (port === undefined || ports === undefined || ports.includes(port)),
  );
  if (open === undefined) return undefined;
  return `gets to ${open.port === undefined ? 'ports' : `port ${open.port}`} of ${target.service}, published on the host`;
}

/** The ports of `listeners` that are bound to an address which others can dial. */
const dialled = (listeners: readonly Listener[] | undefined): readonly number[] | undefined =>
  listeners?.filter(({ on }) => on !== LOOPBACK).map(({ port }) => port);

function fromOutside(topology: Topology, from: string, target: TopologyContainer, listeners?: readonly Listener[]) {
  if (foreignNamespace(topology, target.namespace)) {
    return `gets to ${target.service}, which is in the network namespace of ${target.namespace}`;
  }
  const published = byPublishing(target, dialled(listeners), from === HOST);
  if (published !== undefined) return published;
  const open = topology.networks.filter(
    ({ hostAddress, external }) => (from === HOST && hostAddress) || (from !== HOST && from !== 'internet' && external),
  );
  const names = open.map(({ name }) => name).filter((name) => target.networks.includes(name));
  const [first] = listeners === undefined ? names : names.filter((name) => listeners.some(({ on }) => on === name));
  return first === undefined ? undefined : `gets to ${target.service} on network ${first}`;
}

/**
 * How `from` opens a connection to one of `listeners` of `target` (undefined: to any port), or undefined if it cannot.
 * The words follow who it is.
 */
export function dials(
  topology: Topology,
  from: Party,
  target: TopologyContainer,
  listeners: readonly Listener[] | undefined,
): string | undefined {
  if (typeof from === 'string') return fromOutside(topology, from, target, listeners);
  if (foreignNamespace(topology, from.namespace)) return `is in the network namespace of ${from.namespace}`;
  if (from.namespace === target.namespace) {
    return from.service === target.service
      ? 'is the same container'
      : `is in one network namespace with ${target.service}`;
  }
  const together = sharedProcesses(topology, from);
  if (together.has(HOST)) return 'shares processes or memory with the host';
  if (together.has(target.service)) return `shares processes or memory with ${target.service}`;
  const common = from.networks.filter((name) => target.networks.includes(name));
  const [network] = listeners === undefined ? common : [];
  if (network !== undefined) return `and ${target.service} are both on network ${network}`;
  const open = listeners?.find(({ on }) => common.includes(on));
  if (open !== undefined) {
    const { daemon, port, on } = open;
    return `is on network ${on}, on which ${daemon} listens on port ${port}`;
  }
  const out = topology.networks.some(
    ({ name, wayOut, hostAddress }) => (wayOut || hostAddress) && from.networks.includes(name),
  );
  if (!out) return undefined;
  return foreignNamespace(topology, target.namespace)
    ? `gets to ${target.service} by the network namespace of ${target.namespace}`
    : byPublishing(target, dialled(listeners), false);
}
