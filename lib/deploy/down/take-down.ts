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

/** Stops and removes containers, the agent's first: it would only see its proxies go. */
export async function removeContainers(docker: Docker, containers: readonly Container[]): Promise<void> {
  const agentFirst = [...containers].sort((a, b) => Number(b.service === 'agent') - Number(a.service === 'agent'));
  const alive = agentFirst.filter(({ running, restarting }) => running || restarting);
  await Promise.all(alive.map(({ id }) => docker.attempt(['stop', '--time', '10', id], { timeoutMs: STOP_MS })));
  if (agentFirst.length === 0) return;
  await docker.run(['rm', '--force', ...agentFirst.map(({ id }) => id)], { timeoutMs: STOP_MS });
}

/** Removes networks and volumes as far as that goes, then throws the first failure. */
export async function removeNetworksAndVolumes(
  docker: Docker,
  { networks, volumes }: Pick<Belongings, 'networks' | 'volumes'>,
): Promise<void> {
  const calls = [...networks.map((name) => ['network', 'rm', name]), ...volumes.map((name) => ['volume', 'rm', name])];
  const outcomes = await Promise.allSettled(calls.map((call) => docker.run(call)));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Removes the containers, then the networks and the volumes given. */
export async function takeDown(
  docker: Docker,
  { containers, networks, volumes }: Pick<Belongings, 'containers' | 'networks' | 'volumes'>,
): Promise<void> {
  await removeContainers(docker, containers);
  await removeNetworksAndVolumes(docker, { networks, volumes });
}
