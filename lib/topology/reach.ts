/** Who can open a connection to whom. */

import { AGENT_SERVICE, DAEMONS, daemonNamed, listed } from '../plan/index.ts';
import { HOST, type Listener, LOOPBACK, type Topology, type TopologyContainer } from './model.ts';
import { dials, foreignNamespace, type Party, sharedProcesses } from './ways.ts';

/** Anything beyond the machine. */
export const INTERNET = 'internet';

/** Containers that are not of this bottle: another bottle's, or whoever is on a network that someone else made. */
export const NEIGHBOURS = 'neighbours';

export interface Reach {
  readonly reachable: boolean;
  /** One sentence that names networks and ports. */
  readonly because: string;
}

const yes = (because: string): Reach => ({ reachable: true, because });
const no = (because: string): Reach => ({ reachable: false, because });

const portOn = ({ service, port, on }: Listener): string =>
  on === LOOPBACK ? `port ${port} of the loopback of ${service}` : `port ${port} of network ${on}`;

const placeWords = ({ service, networks }: TopologyContainer): string =>
  networks.length === 0
    ? `${service} is on no network`
    : `${service} is on ${networks.length === 1 ? 'network' : 'networks'} ${listed(networks)}`;

/** Whether `container` gets to what lies outside of the bottle by one of its networks. */
function leaves(topology: Topology, container: TopologyContainer, to: string): Reach {
  const { service, namespace, networks } = container;
  if (foreignNamespace(topology, namespace)) return yes(`${service} is in the network namespace of ${namespace}`);
  if (to === HOST && sharedProcesses(topology, container).has(HOST)) {
    return yes(`${service} shares processes or memory with the host`);
  }
  const opens = topology.networks.filter(
    ({ name, wayOut, hostAddress, external }) =>
      networks.includes(name) && (to === INTERNET ? wayOut : to === HOST ? wayOut || hostAddress : external),
  );
  const names = listed(opens.map(({ name }) => name));
  const what = { [INTERNET]: 'has a way out', [HOST]: 'leads to the host' }[to] ?? 'is not the bottle’s alone';
  if (opens.length > 0) return yes(`${service} is on network ${names}, which ${what}`);
  const closed = { [INTERNET]: 'no way out', [HOST]: 'no address of the host' }[to] ?? 'no container of anyone else';
  return no(networks.length === 0 ? placeWords(container) : `${placeWords(container)}, with ${closed}`);
}

/** Whether `from` gets to the agent, any port of which may listen, or to a listener of a sidecar. */
function arrives(topology: Topology, from: Party, target: TopologyContainer, to: string): Reach {
  const who = typeof from === 'string' ? from : from.service;
  const listeners = topology.listeners.filter(({ daemon, service }) =>
    to === target.service ? service === to : daemon === to && service === target.service,
  );
  const anyPort = target.daemons.length === 0;
  const way = dials(topology, from, target, anyPort ? undefined : listeners);
  if (way !== undefined) return yes(`${who} ${way}`);
  const where = typeof from === 'string' ? `${from} is outside` : placeWords(from);
  if (anyPort) return no(`${where}; ${placeWords(target)}`);
  return no(`${where}; ${to} listens on ${listed([...new Set(listeners.map(portOn))])} only`);
}

/** The container that a daemon, a service or `agent` stands for. */
function containerOf(topology: Topology, word: string): TopologyContainer | undefined {
  const daemon = daemonNamed(word);
  return (
    topology.containers.find(({ service }) => service === word) ??
    topology.containers.find(({ daemons }) => daemon !== undefined && daemons.includes(daemon))
  );
}

const OUTSIDE: readonly string[] = [INTERNET, HOST, NEIGHBOURS];

/**
 * Whether `from` can open a connection to `to`: `agent`, a daemon, a service, {@link INTERNET}, {@link HOST} or
 * {@link NEIGHBOURS}. Connections, not what the other end makes of them: a request through a proxy is one to the proxy.
 * Throws a RangeError for any other word.
 */
export function reach(topology: Topology, from: string, to: string): Reach {
  for (const word of [from, to]) {
    if (OUTSIDE.includes(word) || daemonNamed(word) !== undefined || containerOf(topology, word) !== undefined)
      continue;
    const services = topology.containers.map(({ service }) => service);
    const known = [...new Set([AGENT_SERVICE, ...DAEMONS, ...services, ...OUTSIDE])];
    throw new RangeError(`nothing of the bottle is called '${word}'; known: ${listed(known)}`);
  }
  for (const word of [from, to]) {
    if (!OUTSIDE.includes(word) && containerOf(topology, word) === undefined) return no(`the bottle has no ${word}`);
  }
  const source = OUTSIDE.includes(from) ? from : containerOf(topology, from);
  if (source === undefined) return no(`the bottle has no ${from}`);
  if (OUTSIDE.includes(to)) {
    return typeof source === 'string'
      ? yes(`${source} and ${to} are both outside of the bottle`)
      : leaves(topology, source, to);
  }
  const target = containerOf(topology, to);
  return target === undefined ? no(`the bottle has no ${to}`) : arrives(topology, source, target, to);
}
