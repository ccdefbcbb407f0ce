/** Where a daemon listens (domain §2, differences 1 and 2, and "Split shape"). */

import {
  type BottlePlan,
  DAEMON_PORT,
  type Daemon,
  type ListenAddress,
  listenAlias,
  longAlias,
  pipelockIsInnerHop,
} from '../plan/index.ts';

function listenHost(plan: BottlePlan, daemon: Daemon): string {
  if (plan.sidecars.shape === 'split') return listenAlias(daemon, plan.slug);
  return daemon === 'pipelock' && pipelockIsInnerHop(plan) ? '127.0.0.1' : longAlias(daemon, plan.slug);
}

/** The listen address in `daemon`'s configuration file: a name that resolves on the network that it serves. */
export function listenAddress(plan: BottlePlan, daemon: Daemon): ListenAddress {
  return `${listenHost(plan, daemon)}:${DAEMON_PORT[daemon]}`;
}
