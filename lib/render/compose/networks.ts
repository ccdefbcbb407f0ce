/** The networks of a bottle and the names by which its daemons are found. */

import { type BottlePlan, type Daemon, LABEL, longAlias } from '../../plan/index.ts';
import { composeText } from './text.ts';

/** The order of the canonical file (domain §2): two of the short names come last. */
const ALIAS_ORDER: readonly { readonly daemon: Daemon; readonly form: 'short' | 'long' }[] = [
  { daemon: 'pipelock', form: 'long' },
  { daemon: 'egress', form: 'short' },
  { daemon: 'egress', form: 'long' },
  { daemon: 'git-gate', form: 'long' },
  { daemon: 'supervise', form: 'short' },
  { daemon: 'supervise', form: 'long' },
  { daemon: 'pipelock', form: 'short' },
  { daemon: 'git-gate', form: 'short' },
];

/** The aliases of `sidecars` on `internal`: a short and a long one for each daemon that the bottle uses. */
export function sidecarAliases(plan: BottlePlan): readonly string[] {
  return ALIAS_ORDER.filter(({ daemon }) => plan.sidecars.daemons.includes(daemon)).map(({ daemon, form }) =>
    form === 'short' ? daemon : longAlias(daemon, plan.slug),
  );
}

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
