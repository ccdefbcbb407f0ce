/** What a picture of a bottle shows: data, the same for each form of picture and for `--json`. */

import type { MatchedRoute } from '../explain/index.ts';
import type { Daemon, GitRemoteEntry, Shape } from '../plan/index.ts';
import type { Topology } from '../topology/index.ts';

/** Whether one end can open a connection to the other, and why. */
export interface Way {
  readonly from: string;
  readonly to: string;
  readonly reachable: boolean;
  readonly because: string;
}

export interface GraphContainer {
  readonly service: string;
  readonly container: string;
  readonly networks: readonly string[];
  /** None for the agent. */
  readonly daemons: readonly GraphDaemon[];
}

export interface GraphDaemon {
  readonly daemon: Daemon;
  /** Of the listener that others dial. */
  readonly port: number;
  /** The networks on which it listens; `loopback` where only its own container dials it. */
  readonly on: readonly string[];
}

export interface GraphRemote {
  readonly name: string;
  readonly url: string;
  readonly access: GitRemoteEntry['access'];
  readonly branches?: readonly string[];
}

export interface BottleGraph {
  readonly slug: string;
  readonly shape: Shape;
  readonly networks: Topology['networks'];
  readonly containers: readonly GraphContainer[];
  readonly routes: readonly MatchedRoute[];
  /** Hosts that pipelock allows and no route names; without egress all of them. */
  readonly allowed: readonly string[];
  readonly remotes: readonly GraphRemote[];
  /** From the agent and from each daemon to everything else. */
  readonly ways: readonly Way[];
}
