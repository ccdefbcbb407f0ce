/** Removes what belongs to one bottle, judged by labels, and nothing else. */

import { BottleError } from '../../errors.ts';
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
/** The engine removes a container's layer or a volume file by file, and answers when the last is gone. */
const REMOVE_MS = 15 * 60_000;

export interface RemovalOptions {
  /** Ends the wait, not the removal: an engine goes on with what it has begun. */
  readonly signal?: AbortSignal | undefined;
  /** @default 15 minutes */
  readonly timeoutMs?: number | undefined;
}

/** Runs `docker <args>`, which removes `what`. Throws what a time-out means here. */
async function remove(
  docker: Docker,
  args: readonly string[],
  what: string,
  { signal, timeoutMs = REMOVE_MS }: RemovalOptions,
): Promise<void> {
  try {
    await docker.run(args, { timeoutMs, signal });
  } catch (cause) {
    if (!(cause instanceof BottleError) || cause.code !== 'docker/timed-out') throw cause;
    const minutes = Math.round(timeoutMs / 60_000);
    throw new BottleError('destroy/removal-not-done', `the engine has not removed ${what} within ${minutes} minutes`, {
      fix: 'it goes on by itself; run the command again later. Many files take long on a slow disk',
      cause,
    });
  }
}

/** Stops and removes containers, the agent's first: it would only see its proxies go. */
export async function removeContainers(
  docker: Docker,
  containers: readonly Container[],
  options: RemovalOptions = {},
): Promise<void> {
  const agentFirst = [...containers].sort((a, b) => Number(b.service === 'agent') - Number(a.service === 'agent'));
  const alive = agentFirst.filter(({ running, restarting }) => running || restarting);
  await Promise.all(alive.map(({ id }) => docker.attempt(['stop', '--time', '10', id], { timeoutMs: STOP_MS })));
  if (agentFirst.length === 0) return;
  const names = agentFirst.map(({ name }) => name).join(', ');
  await remove(docker, ['rm', '--force', ...agentFirst.map(({ id }) => id)], `container ${names}`, options);
}

/** Removes networks and volumes as far as that goes, then throws the first failure. */
export async function removeNetworksAndVolumes(
  docker: Docker,
  { networks, volumes }: Pick<Belongings, 'networks' | 'volumes'>,
  options: RemovalOptions = {},
): Promise<void> {
  const outcomes = await Promise.allSettled([
    ...networks.map((name) => docker.run(['network', 'rm', name])),
    ...volumes.map((name) => remove(docker, ['volume', 'rm', name], `volume ${name}`, options)),
  ]);
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
