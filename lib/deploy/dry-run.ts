/** What a deploy would do, found by looking only. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Change, diffBottle } from '../diff/index.ts';
import { BottleError } from '../errors.ts';
import { COMPOSE_LABEL, type Docker } from '../operate/index.ts';
import { AGENT_SERVICE, agentContainerName } from '../plan/index.ts';
import { belongings } from './down/take-down.ts';
import type { DeployedBottle } from './options.ts';
import { type ReadyBottle, skillDigests } from './preflight/index.ts';
import { grantLines } from './state/live-grants.ts';
import { deployedVersion, synthesizedVersion } from './state/versions.ts';
import { configHashes } from './up/compose.ts';
import { serviceContainers } from './up/run.ts';

/** Services whose container is not what the deployed files and today's variables say: a changed token shows here. */
async function staleServices(docker: Docker, ready: ReadyBottle, projectDir: string): Promise<readonly string[]> {
  if (!existsSync(join(ready.stateDir, 'compose.yaml'))) return [];
  const containers = await serviceContainers(docker, ready);
  const hashes = await configHashes(docker, ready, projectDir);
  return [...containers].flatMap(([name, { labels, running }]) =>
    running && labels[COMPOSE_LABEL.configHash] === hashes.get(name) ? [] : [name],
  );
}

/** Services that have no container yet, and containers of services that are no more. */
async function moved(docker: Docker, { compose, owner }: ReadyBottle): Promise<readonly string[]> {
  const { containers } = await belongings(docker, owner);
  const has = new Set(containers.map(({ service }) => service));
  const wanted = compose.services.map(({ name }) => name);
  return [
    ...wanted.filter((name) => !has.has(name)).map((name) => `${name}: would be created`),
    ...[...has].filter((name) => !wanted.includes(name)).map((name) => `${name}: would be removed`),
  ];
}

/** Skills that are not on this host as they were copied. */
function changedSkills({ previous, skills }: ReadyBottle): readonly string[] {
  const before = previous?.skills ?? {};
  const now = skillDigests(skills);
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.filter((name) => before[name] !== now[name]).map((name) => `skill ${name}: would change`);
}

/** What the deploy would open, close and change, in words; a state that another version wrote is a reason not to know. */
function meaning({ bottle, stateDir }: ReadyBottle): {
  readonly told: readonly Change[];
  readonly untold: readonly string[];
} {
  try {
    const deployed = deployedVersion(stateDir, bottle.slug);
    return { told: diffBottle(deployed?.version, synthesizedVersion(bottle)).changes, untold: [] };
  } catch (error) {
    if (error instanceof BottleError) return { told: [], untold: [error.message] };
    throw error;
  }
}

/** The outcome that a deploy of `ready` would have, images aside: whether those are current shows only their build. */
export async function dryRun(docker: Docker, ready: ReadyBottle, projectDir: string): Promise<DeployedBottle> {
  const { bottle, previous, stateDir } = ready;
  const started = Date.now();
  const exists = (await serviceContainers(docker, ready)).size > 0;
  const rendered = bottle.manifest.files;
  const deployed = previous?.assembly ?? {};
  const paths = [...new Set([...Object.keys(rendered), ...Object.keys(deployed)])].sort();
  const files = paths.filter((path) => rendered[path] !== deployed[path]).map((path) => `${path}: would change`);
  if (bottle.live !== undefined && bottle.live.wanted !== bottle.live.seen) files.push('live grants: would change');
  files.push(...changedSkills(ready));
  const stale = exists ? await staleServices(docker, ready, projectDir) : [];
  const moves = await moved(docker, ready);
  const { told, untold } = meaning(ready);
  const changes = [
    ...(exists ? [...files, ...untold] : []),
    ...stale.map((name) => `${name}: would be recreated`),
    ...moves,
  ];
  const incomplete = exists && previous?.complete !== true ? ['an earlier deploy did not end: would be completed'] : [];
  return {
    slug: bottle.slug,
    outcome: !exists ? 'created' : changes.length + incomplete.length > 0 ? 'updated' : 'unchanged',
    dryRun: true,
    changes: [...changes, ...incomplete],
    meaning: told,
    container: agentContainerName(bottle.slug),
    daemons: bottle.manifest.daemons,
    images: {
      agent: previous?.images.agent.reference ?? imageOf(ready, true),
      sidecars: previous?.images.sidecars.reference ?? imageOf(ready, false),
    },
    scanner: previous?.scanner ?? 'unknown',
    stateDir,
    grants: bottle.live === undefined ? [] : grantLines(bottle.live),
    asked: ready.pending,
    seconds: (Date.now() - started) / 1000,
  };
}

function imageOf({ compose }: ReadyBottle, agent: boolean): string {
  const found = compose.services.find(({ name }) => (name === AGENT_SERVICE) === agent);
  if (found !== undefined) return found.image;
  throw new BottleError(
    'deploy/bad-compose-file',
    `compose.yaml has no service of the ${agent ? 'agent' : 'sidecars'}`,
    {
      fix: 'run bottle synth again',
    },
  );
}
