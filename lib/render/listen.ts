/** Where a daemon listens (domain §2, differences 1 and 2). */

import { type BottlePlan, DAEMON_PORT, type Daemon, type ListenAddress, longAlias } from '../plan/index.ts';

/** True if pipelock is the inner hop: egress stands before it and it is not exposed, so it stays on the loopback. */
export function pipelockIsInnerHop(plan: BottlePlan): boolean {
  return plan.sidecars.egress !== undefined && !plan.sidecars.pipelock.exposed;
}

/** The listen address in `daemon`'s configuration file: its long alias, or the loopback for an inner pipelock. */
export function listenAddress(plan: BottlePlan, daemon: Daemon): ListenAddress {
  const host = daemon === 'pipelock' && pipelockIsInnerHop(plan) ? '127.0.0.1' : longAlias(daemon, plan.slug);
  return `${host}:${DAEMON_PORT[daemon]}`;
}
