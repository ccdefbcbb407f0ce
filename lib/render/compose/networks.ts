/** The networks of a bottle, and the places of its sidecars on them. */

import {
  type Attachment,
  type BottlePlan,
  bottleNetworks,
  composeText,
  LABEL,
  WITHOUT_HOST_ADDRESS,
} from '../../plan/index.ts';

/** The labels that say whose a container, network or volume is. */
export function ownerLabels(plan: BottlePlan): Readonly<Record<string, string>> {
  return { [LABEL.slug]: plan.slug, [LABEL.app]: composeText(plan.app) };
}

/** A service's `networks`: an explicit null where it has no name of ours. */
export function places(attachments: readonly Attachment[]): object {
  return Object.fromEntries(
    attachments.map(({ network, aliases }) => [network, aliases.length === 0 ? null : { aliases }]),
  );
}

type NetworkEntry = Readonly<Record<string, unknown>>;

function isolated(plan: BottlePlan): NetworkEntry {
  return {
    driver: 'bridge',
    internal: true,
    enable_ipv6: false,
    // Without an address the bridge is no way to the host: `internal` alone leaves the gateway reachable.
    driver_opts: { [WITHOUT_HOST_ADDRESS]: 'true' },
    labels: ownerLabels(plan),
  };
}

function outward(plan: BottlePlan): NetworkEntry {
  const { egressNetwork } = plan.sidecars;
  if (egressNetwork.kind === 'external') return { name: egressNetwork.name, external: true };
  const { subnet } = egressNetwork;
  return {
    driver: 'bridge',
    enable_ipv6: false,
    ...(subnet === undefined ? {} : { ipam: { config: [{ subnet }] } }),
    labels: ownerLabels(plan),
  };
}

/** The document's `networks`. */
export function networks(plan: BottlePlan): Readonly<Record<string, NetworkEntry>> {
  return Object.fromEntries(
    bottleNetworks(plan).map((network) => [network, network === 'egress' ? outward(plan) : isolated(plan)]),
  );
}
