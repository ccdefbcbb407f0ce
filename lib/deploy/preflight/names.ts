/** What the bottle is about to name, and who has these names already. */

import { BottleError } from '../../errors.ts';
import {
  type BottleOwner,
  COMPOSE_LABEL,
  type Container,
  type Docker,
  hasOwnerLabels,
  inspectContainers,
  inspectResources,
  isContainerOf,
  type Labelled,
} from '../../operate/index.ts';
import { LABEL } from '../../plan/index.ts';
import type { ComposeFile } from '../compose-file.ts';

const REMOVE = { network: 'docker network rm', volume: 'docker volume rm' } as const;

function containerProblem(container: Container, { slug }: BottleOwner): BottleError {
  const { name, labels } = container;
  const app = labels[LABEL.app];
  const whose =
    app === undefined
      ? 'it is not a bottle'
      : `it is of the app ${app}, deployed from ${labels[COMPOSE_LABEL.workingDir]}`;
  return new BottleError('deploy/name-taken', `bottle ${slug}: the container name ${name} is taken: ${whose}`, {
    fix: `remove that container (docker rm -f ${name}), or give the bottle another slug or a suffix (-c suffix=…)`,
  });
}

function resourceProblem(kind: 'network' | 'volume', { name, labels }: Labelled, { slug }: BottleOwner): BottleError {
  const app = labels[LABEL.app];
  const whose = app === undefined ? 'no bottle made it' : `it is of the app ${app}`;
  return new BottleError('deploy/name-taken', `bottle ${slug}: the ${kind} name ${name} is taken: ${whose}`, {
    fix: `remove it (${REMOVE[kind]} ${name}), or give the bottle another slug or a suffix (-c suffix=…)`,
  });
}

/** A problem for each container, network and volume of another owner under a name that the bottle needs. */
export async function nameProblems(
  docker: Docker,
  compose: ComposeFile,
  owner: BottleOwner,
): Promise<readonly BottleError[]> {
  const containers = compose.services.map(({ container }) => container);
  const [existing, networks, volumes] = await Promise.all([
    inspectContainers(docker, containers),
    inspectResources(docker, 'network', compose.networks),
    inspectResources(docker, 'volume', compose.volumes),
  ]);
  const foreign = ({ labels }: Labelled): boolean => !hasOwnerLabels(labels, owner);
  return [
    ...existing.filter((container) => !isContainerOf(container, owner)).map((one) => containerProblem(one, owner)),
    ...networks.filter(foreign).map((one) => resourceProblem('network', one, owner)),
    ...volumes.filter(foreign).map((one) => resourceProblem('volume', one, owner)),
  ];
}

/** A problem if the network that the bundle joins does not exist. */
export async function externalNetworkProblems(docker: Docker, name: string | null): Promise<readonly BottleError[]> {
  if (name === null || (await inspectResources(docker, 'network', [name])).length > 0) return [];
  return [
    new BottleError('deploy/network-missing', `the network ${name}, which the definition joins, does not exist`, {
      fix: `create it (docker network create ${name}), or correct egressNetwork in the definition`,
    }),
  ];
}
