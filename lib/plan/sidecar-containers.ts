/** The containers beside the agent's: the bundle, or one a daemon. */

import { daemonAliases } from './aliases.ts';
import type { BottlePlan } from './bottle-plan.ts';
import type { Daemon } from './daemons.ts';
import { listenAlias, longAlias } from './names.ts';
import { type BottleNetwork, daemonNetworks, NETWORKS, servingNetwork } from './networks.ts';
import { daemonsOf, SIDECARS_SERVICE, sidecarContainer, sidecarServices } from './services.ts';

/** A container's place on a network: the names that it is given there, besides those that the engine adds. */
export interface Attachment {
  readonly network: BottleNetwork;
  readonly aliases: readonly string[];
}

export interface SidecarContainer {
  readonly service: string;
  readonly container: string;
  readonly daemons: readonly Daemon[];
  readonly attachments: readonly Attachment[];
}

function bundleAttachments(plan: BottlePlan): readonly Attachment[] {
  return [
    { network: 'internal', aliases: daemonAliases(plan).map(({ alias }) => alias) },
    { network: 'egress', aliases: [] },
  ];
}

/**
 * Compose gives the names of service and container as aliases on every network, so these may lead to an address that
 * the daemon does not serve on. The alias to listen on is there once.
 */
function ownAttachments(plan: BottlePlan, daemon: Daemon): readonly Attachment[] {
  const serving = servingNetwork(plan, daemon);
  const names = [daemon, longAlias(daemon, plan.slug), listenAlias(daemon, plan.slug)];
  return daemonNetworks(plan, daemon).map((network) => ({ network, aliases: network === serving ? names : [] }));
}

/** The sidecar containers of a bottle, in canonical order of their daemons. */
export function sidecarContainers(plan: BottlePlan): readonly SidecarContainer[] {
  const { daemons: all, shape } = plan.sidecars;
  return sidecarServices(all, shape).flatMap((service) => {
    const daemons = daemonsOf(service, all, shape);
    const [first] = daemons;
    if (first === undefined) return [];
    const attachments = service === SIDECARS_SERVICE ? bundleAttachments(plan) : ownAttachments(plan, first);
    return [{ service, container: sidecarContainer(plan.slug, first, shape), daemons, attachments }];
  });
}

/** The networks that some container of the bottle is on. */
export function bottleNetworks(plan: BottlePlan): readonly BottleNetwork[] {
  const used = new Set(sidecarContainers(plan).flatMap(({ attachments }) => attachments.map((one) => one.network)));
  return NETWORKS.filter((network) => used.has(network));
}
