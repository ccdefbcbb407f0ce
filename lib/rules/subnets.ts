/** Subnets of egress networks of an app, compared with each other. */

import ipaddr from 'ipaddr.js';
import type { BottlePlan } from '../plan/index.ts';

interface Range {
  readonly plan: BottlePlan;
  readonly first: number;
  readonly last: number;
}

/** An IPv4 address as a number. */
const numberOf = (address: ipaddr.IPv4): number => address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);

function rangeOf(plan: BottlePlan): readonly Range[] {
  const { egressNetwork: network } = plan.sidecars;
  const subnet = network.kind === 'managed' ? network.subnet : undefined;
  if (subnet === undefined || !ipaddr.IPv4.isValidCIDRFourPartDecimal(subnet)) return [];
  const first = numberOf(ipaddr.IPv4.networkAddressFromCIDR(subnet));
  return [{ plan, first, last: numberOf(ipaddr.IPv4.broadcastAddressFromCIDR(subnet)) }];
}

/** For each bottle whose subnet overlaps with that of another one: one such other. */
export function subnetClashes(plans: readonly BottlePlan[]): ReadonlyMap<BottlePlan, BottlePlan> {
  const clashes = new Map<BottlePlan, BottlePlan>();
  let widest: Range | undefined;
  for (const range of plans.flatMap(rangeOf).sort((a, b) => a.first - b.first || b.last - a.last)) {
    if (widest !== undefined && range.first <= widest.last) {
      clashes.set(range.plan, widest.plan);
      if (!clashes.has(widest.plan)) clashes.set(widest.plan, range.plan);
    }
    if (widest === undefined || range.last > widest.last) widest = range;
  }
  return clashes;
}
