/** The names of services and networks that a bottle of either shape has. */

import { AGENT_SERVICE, DAEMONS, NETWORKS, SIDECARS_SERVICE } from '../plan/index.ts';

export { AGENT_SERVICE, NETWORKS, SIDECARS_SERVICE };

const sidecars: readonly string[] = [SIDECARS_SERVICE, ...DAEMONS];

export const SERVICE_NAMES = { sidecars, all: [AGENT_SERVICE, ...sidecars] } as const;
