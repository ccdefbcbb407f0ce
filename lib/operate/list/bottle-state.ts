/** How a bottle as a whole does, judged by what the engine says of its containers. */

import { AGENT_SERVICE } from '../../plan/index.ts';
import type { Container } from '../containers.ts';
import { type DeployedBottle, servicesOf } from './deployed-bottles.ts';

/**
 * `healthy`: every container runs and every sidecar's health check passes; `running`: one of these has not answered
 * yet; `unhealthy`: one fails; `partial`: some containers do not run; `stopped`: none does.
 */
export type BottleState = 'healthy' | 'running' | 'unhealthy' | 'partial' | 'stopped';

/** Neither stopped nor paused, nor in the engine's pause before another start. */
export const isUp = (container: Container | undefined): boolean => container?.status === 'running';

export function bottleState(bottle: Pick<DeployedBottle, 'record' | 'containers'>): BottleState {
  const services = servicesOf(bottle);
  const up = services.filter((service) => isUp(bottle.containers.get(service)));
  if (up.length === 0) return 'stopped';
  if (up.length < services.length) return 'partial';
  const checks = services
    .filter((service) => service !== AGENT_SERVICE)
    .map((service) => bottle.containers.get(service)?.health);
  if (checks.includes('unhealthy')) return 'unhealthy';
  return checks.every((health) => health === 'healthy') ? 'healthy' : 'running';
}

/** RFC 3339: since when all that runs of it has been running; undefined if nothing does. */
export function upSince({ containers }: Pick<DeployedBottle, 'containers'>): string | undefined {
  const starts = [...containers.values()].filter(isUp).map(({ startedAt }) => startedAt);
  return starts.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}
