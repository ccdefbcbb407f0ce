/** The networks of a bottle and the names by which its daemons are found. */

import { type BottlePlan, daemonAliases, LABEL } from '../../plan/index.ts';
import { composeText } from './text.ts';

/** The aliases of `sidecars` on `internal`. */
export const sidecarAliases = (plan: BottlePlan): readonly string[] => daemonAliases(plan).map(({ alias }) => alias);

/** The labels that say whose a container, network or volume is. */
export function ownerLabels(plan: BottlePlan): Readonly<Record<string, string>> {
  return { [LABEL.slug]: plan.slug, [LABEL.app]: composeText(plan.app) };
}

/** The document's `networks`. */
export function networks(plan: BottlePlan): object {
  const { egressNetwork } = plan.sidecars;
  return {
    internal: {
      driver: 'bridge',
      internal: true,
      enable_ipv6: false,
      // Without an address the bridge is no way to the host: `internal` alone leaves the gateway reachable.
      driver_opts: { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
      labels: ownerLabels(plan),
    },
    egress:
      egressNetwork.kind === 'external'
        ? { name: egressNetwork.name, external: true }
        : {
            driver: 'bridge',
            enable_ipv6: false,
            ...(egressNetwork.subnet === undefined ? {} : { ipam: { config: [{ subnet: egressNetwork.subnet }] } }),
            labels: ownerLabels(plan),
          },
  };
}
