/** The containers of a compose file: where they are, how they are called, what runs in them. */

import {
  AGENT_SERVICE,
  type ComposeDocument,
  type ComposeService,
  DAEMONS,
  DAEMONS_VARIABLE,
  type Daemon,
} from '../plan/index.ts';
import { fieldsOf, keyedOf, pairsOf, textOf, textsOf } from './compose-values.ts';
import { LOOPBACK, type PublishedPort, type TopologyContainer } from './model.ts';
import { type Place, placeOf } from './namespaces.ts';
import type { ComposeNetworks } from './networks.ts';

/** An address of the container itself. */
export const isLoopback = (address: string): boolean => /^(?:127\.[\d.]+|\[?::1\]?|localhost)$/i.test(address);

/** The daemons that the init of `service` starts: unset or empty means all. */
function daemonsIn(name: string, service: ComposeService): readonly Daemon[] {
  if (name === AGENT_SERVICE) return [];
  const [, value = ''] = pairsOf(service.environment, /=/).find(([key]) => key === DAEMONS_VARIABLE) ?? [];
  if (value.trim() === '') return DAEMONS;
  const words = value.split(',').map((word) => word.trim());
  return DAEMONS.filter((daemon) => words.includes(daemon));
}

/** `[address:][hostPort:]port[-end][/protocol]`, or the long form. */
function publishedPort(entry: unknown): PublishedPort {
  const long = fieldsOf(entry);
  const short = textOf(entry) ?? '';
  const target = textOf(long.target) ?? /(\d+)(?:\/\w+)?$/.exec(short)?.[1] ?? '';
  const address = textOf(long.host_ip) ?? /^(\[[^\]]*\]|[^:]*\.[^:]*):/.exec(short)?.[1] ?? '';
  const port = /-/.test(short) ? Number.NaN : Number(target);
  return { ...(Number.isInteger(port) && port > 0 ? { port } : {}), loopbackOnly: isLoopback(address) };
}

/** `name:address`, `name=address`, or a mapping from names (compose specification, "extra_hosts"). */
export const extraHosts = (service: ComposeService): readonly (readonly [string, string])[] =>
  pairsOf(service.extra_hosts, /[:=]/);

function containerName(document: ComposeDocument, name: string): string {
  return textOf(document.services[name]?.container_name) ?? `${document.name}-${name}-1`;
}

/** The services, or containers of this project, that `service` links to, each with the name that it gives them. */
function linksOf(service: ComposeService): readonly (readonly [string, string])[] {
  return [...textsOf(service.links), ...textsOf(service.external_links)].map((link) => {
    const [target = '', alias = target] = link.split(':');
    return [target, alias] as const;
  });
}

interface Naming {
  readonly document: ComposeDocument;
  readonly networks: ComposeNetworks;
  readonly places: ReadonlyMap<string, Place>;
}

/** The names of the container of `name`. Service and container names, host name and links are on all its networks. */
function namesOf(name: string, { document, networks, places }: Naming): ReadonlyMap<string, readonly string[]> {
  const service = document.services[name] ?? {};
  const own = places.get(name)?.networks ?? [];
  const found = new Map<string, Set<string>>();
  const add = (word: string, where: Iterable<string>): void => {
    const known = found.get(word) ?? new Set<string>();
    for (const place of where) known.add(place);
    found.set(word, known);
  };
  const everywhere = own.map(networks.named);
  const container = containerName(document, name);
  const hostname = textOf(service.hostname);
  for (const word of [name, container, ...(hostname === undefined ? [] : [hostname])]) add(word, everywhere);
  for (const [key, entry] of keyedOf(service.networks)) {
    for (const alias of textsOf(entry.aliases)) add(alias, [networks.named(key)]);
  }
  for (const other of Object.values(document.services)) {
    for (const [target, alias] of linksOf(other)) if (target === name || target === container) add(alias, everywhere);
  }
  for (const [word, address] of extraHosts(service)) if (isLoopback(address)) add(word, [LOOPBACK]);
  return new Map([...found].map(([word, where]) => [word, [...where]]));
}

/** Where each service of `document` was put. */
export function placesOf(document: ComposeDocument): ReadonlyMap<string, Place> {
  const names = Object.keys(document.services);
  const byContainer = new Map(names.map((name) => [containerName(document, name), name]));
  return new Map(
    Object.entries(document.services).map(([name, service]) => [name, placeOf(name, service, byContainer)]),
  );
}

/** Whose namespace it is in the end, where one service joins another that joins a third. */
function ownerOf(name: string, places: ReadonlyMap<string, Place>): string {
  const seen = new Set<string>();
  let owner = name;
  while (!seen.has(owner)) {
    seen.add(owner);
    owner = places.get(owner)?.namespace ?? owner;
  }
  return owner;
}

export function containersOf(naming: Naming): readonly TopologyContainer[] {
  const { document, networks, places } = naming;
  return Object.entries(document.services).map(([name, service]) => {
    const namespace = ownerOf(name, places);
    return {
      service: name,
      container: containerName(document, name),
      daemons: daemonsIn(name, service),
      networks: [...new Set((places.get(namespace)?.networks ?? []).map(networks.named))],
      names: namesOf(name, naming),
      namespace,
      sees: places.get(name)?.sees ?? [],
      published: Array.isArray(service.ports) ? service.ports.map(publishedPort) : [],
    };
  });
}
