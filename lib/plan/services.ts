/** Which compose service, and which container, runs a daemon: the bundle runs them all in one, split each in its own. */

import { type Daemon, inCanonicalOrder } from './daemons.ts';
import { longAlias, sidecarsContainerName } from './names.ts';

export const SHAPES = ['bundle', 'split'] as const;

export type Shape = (typeof SHAPES)[number];

/** Service that the agent runs in; every other one is a sidecar. */
export const AGENT_SERVICE = 'agent';

/** The service of the bundle. */
export const SIDECARS_SERVICE = 'sidecars';

export const sidecarService = (daemon: Daemon, shape: Shape): string =>
  shape === 'bundle' ? SIDECARS_SERVICE : daemon;

export const sidecarContainer = (slug: string, daemon: Daemon, shape: Shape): string =>
  shape === 'bundle' ? sidecarsContainerName(slug) : longAlias(daemon, slug);

/** The services that run `daemons`, each once, in canonical order. */
export const sidecarServices = (daemons: readonly Daemon[], shape: Shape): readonly string[] => [
  ...new Set(inCanonicalOrder(daemons).map((daemon) => sidecarService(daemon, shape))),
];

/** Those of `daemons` that `service` runs. */
export const daemonsOf = (service: string, daemons: readonly Daemon[], shape: Shape): readonly Daemon[] =>
  inCanonicalOrder(daemons).filter((daemon) => sidecarService(daemon, shape) === service);
