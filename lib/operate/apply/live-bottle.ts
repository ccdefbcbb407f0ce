/** Finds a deployed bottle whose sidecars run. */

import { BottleError } from '../../errors.ts';
import { type Daemon, DNS_LABEL, quoted, SLUG_MAX, sidecarContainer } from '../../plan/index.ts';
import { type Container, inspectContainers, isContainerOf } from '../containers.ts';
import type { Docker } from '../docker/index.ts';
import { type Deployed, readDeployed } from '../state/deployed.ts';
import { stateDirectory, stateDirectoryProblem } from '../state/directory.ts';
import type { LiveBottle } from './contract.ts';

/** A bottle's record and place, whether it runs or not. */
export type StoredBottle = Pick<LiveBottle, 'slug' | 'home' | 'stateDir' | 'deployed'>;

/** The bottle `slug` of `home` as it was deployed. Throws if there is none, or if it is another user's. */
export function storedBottle(home: string, slug: string): StoredBottle {
  if (!DNS_LABEL.test(slug) || slug.length > SLUG_MAX) {
    throw new BottleError('usage/unknown-bottle', `${quoted(slug)} is not the name of a bottle`, { exitCode: 2 });
  }
  const stateDir = stateDirectory(home, slug);
  const problem = stateDirectoryProblem(stateDir);
  if (problem !== undefined && problem.code !== 'deploy/state-not-writable') throw problem;
  const deployed = problem === undefined ? readDeployed(stateDir) : undefined;
  if (deployed !== undefined) return { slug, home, stateDir, deployed };
  throw new BottleError(
    'operate/not-deployed',
    `the bottle ${slug} is not deployed here: ${stateDir} has no record of it`,
    {
      fix: `deploy it (bottle deploy ${slug}), or set CLAUDE_BOTTLE_HOME to where it was deployed`,
    },
  );
}

/** The daemons whose policy can be changed while they run. */
const enforcing = ({ daemons }: Deployed): readonly Daemon[] =>
  daemons.filter((daemon) => daemon === 'egress' || daemon === 'pipelock');

function assertRuns(bottle: StoredBottle, name: string, container: Container | undefined): Container {
  const { slug, stateDir, deployed } = bottle;
  const fix = `bring it up with bottle deploy ${slug}`;
  if (container === undefined) {
    throw new BottleError('operate/not-running', `the bottle ${slug} does not run: there is no container ${name}`, {
      fix,
    });
  }
  if (!isContainerOf(container, { slug, app: deployed.app, stateDir })) {
    throw new BottleError('operate/not-ours', `the container ${name} is not of this bottle and state directory`, {
      fix: 'set CLAUDE_BOTTLE_HOME to the one that it was deployed with',
    });
  }
  if (container.running && !container.restarting) return container;
  throw new BottleError('operate/not-running', `the bottle ${slug} does not run: ${name} is ${container.status}`, {
    fix,
  });
}

/**
 * The running bottle `slug`, in either shape. Throws `operate/not-deployed`, `deploy/state-of-another-user`,
 * `operate/not-running` or `operate/not-ours`.
 */
export async function openLiveBottle(docker: Docker, home: string, slug: string): Promise<LiveBottle> {
  const bottle = storedBottle(home, slug);
  if (!bottle.deployed.complete) {
    throw new BottleError('operate/deploy-unfinished', `a deploy of the bottle ${slug} did not end`, {
      fix: `run bottle deploy ${slug} again`,
    });
  }
  const daemons = enforcing(bottle.deployed);
  const nameOf = (daemon: Daemon): string => sidecarContainer(slug, daemon, bottle.deployed.shape);
  const found = await inspectContainers(docker, [...new Set(daemons.map(nameOf))]);
  const containers = daemons.map((daemon) => {
    const name = nameOf(daemon);
    return [
      daemon,
      assertRuns(
        bottle,
        name,
        found.find((container) => container.name === name),
      ).id,
    ] as const;
  });
  return { ...bottle, docker, containers: new Map(containers) };
}
