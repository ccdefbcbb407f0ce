/** What a bottle's documents say about who is where: the data that reachability is computed from. */

import type { Daemon } from '../plan/index.ts';

/** Stands among networks for the loopback of a container's own network namespace. */
export const LOOPBACK = 'loopback';

/** Network namespace of a container that shares the machine's. */
export const HOST = 'host';

/** A TCP port of a container that the engine publishes on an address of the host. */
export interface PublishedPort {
  /** The container's port, or undefined where the document leaves it open (a range, a variable). */
  readonly port?: number;
  /** Whether it is published on the host's loopback only. */
  readonly loopbackOnly: boolean;
}

export interface TopologyContainer {
  readonly service: string;
  readonly container: string;
  /** What runs in it; none for the agent. */
  readonly daemons: readonly Daemon[];
  /** The networks of its network namespace, whoever owns that. */
  readonly networks: readonly string[];
  /** The names by which it is found, each with the networks on which it resolves, or {@link LOOPBACK}. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Whose network namespace it is in: its own service, another one, {@link HOST}, or `container:<name>` of another project. */
  readonly namespace: string;
  /** The services, {@link HOST}, or foreign containers whose processes or shared memory it sees besides its own. */
  readonly sees: readonly string[];
  readonly published: readonly PublishedPort[];
}

export interface TopologyNetwork {
  /** Its key in the document; two keys of one engine network are one, under the first. */
  readonly name: string;
  /** Whether the engine forwards from it to anywhere else. */
  readonly wayOut: boolean;
  /** Whether the host has an address on it. */
  readonly hostAddress: boolean;
  /** Neither of both. */
  readonly isolated: boolean;
  /** Whether containers other than this bottle's may be on it. */
  readonly external: boolean;
}

export interface Listener {
  readonly daemon: Daemon;
  readonly service: string;
  readonly port: number;
  /** A network, or {@link LOOPBACK}. A daemon that binds several addresses has a listener for each. */
  readonly on: string;
}

/** Containers, networks and listeners of one bottle. */
export interface Topology {
  readonly slug: string;
  readonly containers: readonly TopologyContainer[];
  readonly networks: readonly TopologyNetwork[];
  /** Also what only the daemon's own container dials, e.g. pipelock's metrics on the loopback. */
  readonly listeners: readonly Listener[];
}
