/** The networks of a bottle and which daemon is on which, in either shape (domain §2). */

import type { BottlePlan } from './bottle-plan.ts';
import type { Daemon } from './daemons.ts';

/** `internal`: the agent's only one. `inner`: between egress and pipelock, split shape only. `egress`: the way out. */
export const NETWORKS = ['internal', 'inner', 'egress'] as const;

/** Option of the bridge driver by which the host has no address on a network. */
export const WITHOUT_HOST_ADDRESS = 'com.docker.network.bridge.inhibit_ipv4';

export type BottleNetwork = (typeof NETWORKS)[number];

/** True if pipelock is the inner hop: egress stands before it and it is not exposed, so the agent cannot dial it. */
export function pipelockIsInnerHop({ sidecars }: BottlePlan): boolean {
  return sidecars.egress !== undefined && !sidecars.pipelock.exposed;
}

/** The network on which a daemon with a container of its own is dialled, and which alone it binds. */
export function servingNetwork(plan: BottlePlan, daemon: Daemon): BottleNetwork {
  return daemon === 'pipelock' && pipelockIsInnerHop(plan) ? 'inner' : 'internal';
}

/** The networks of a daemon with a container of its own, the serving one first. */
export function daemonNetworks(plan: BottlePlan, daemon: Daemon): readonly BottleNetwork[] {
  switch (daemon) {
    case 'egress':
      return ['internal', 'inner'];
    case 'pipelock':
      return [servingNetwork(plan, 'pipelock'), 'egress'];
    case 'git-gate':
      return ['internal', 'egress'];
    case 'supervise':
      return ['internal'];
  }
}
