/** Removes what belongs to one bottle, judged by labels, and nothing else. */

import {
  type BottleOwner,
  COMPOSE_LABEL,
  type Container,
  type Docker,
  hasOwnerLabels,
  inspectResources,
  isContainerOf,
  labelledContainers,
  labelledNames,
} from '../../operate/index.ts';
import { LABEL, projectName } from '../../plan/index.ts';

export interface Belongings {
  readonly containers: readonly Container[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Containers with this slug of another app or state directory. */
  readonly foreign: readonly Container[];
}

async function ownNames(docker: Docker, kind: 'network' | 'volume', owner: BottleOwner): Promise<readonly string[]> {
  const names = await labelledNames(docker, kind, LABEL.slug, owner.slug);
  const project = projectName(owner.slug);
  return (await inspectResources(docker, kind, names))
    .filter(({ labels }) => hasOwnerLabels(labels, owner) && labels[COMPOSE_LABEL.project] === project)
    .map(({ name }) => name);
}

/** Everything on the engine that belongs to `owner`. */
export async function belongings(docker: Docker, owner: BottleOwner): Promise<Belongings> {
  const [containers, networks, volumes] = await Promise.all([
    labelledContainers(docker, LABEL.slug, owner.slug),
    ownNames(docker, 'network', owner),
    ownNames(docker, 'volume', owner),
  ]);
  const mine = containers.filter((container) => isContainerOf(container, owner));
  return { containers: mine, networks, volumes, foreign: containers.filter((one) => !mine.includes(one)) };
}

const STOP_MS = 60_000;

/** Stops and removes the containers, the agent's first, then the networks, then the volumes given. */
export async function takeDown(
  docker: Docker,
  { containers, networks, volumes }: Pick<Belongings, 'containers' | 'networks' | 'volumes'>,
): Promise<void> {
  const agentFirst = [...containers].sort((a, b) => Number(b.service === 'agent') - Number(a.service === 'agent'));
  const ids = agentFirst.map(({ id }) => id);
  const alive = agentFirst.filter(({ running, restarting }) => running || restarting).map(({ id }) => id);
  await Promise.all(alive.map((id) => docker.attempt(['stop', '--time', '10', id], { timeoutMs: STOP_MS })));
  if (ids.length > 0) await docker.run(['rm', '--force', ...ids], { timeoutMs: STOP_MS });
  for (const network of networks) await docker.run(['network', 'rm', network]);
  for (const volume of volumes) await docker.run(['volume', 'rm', volume]);
}
