/** What a deploy would do, found by looking only. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BottleError } from '../errors.ts';
import { COMPOSE_LABEL, type Docker } from '../operate/index.ts';
import { agentContainerName } from '../plan/index.ts';
import type { DeployedBottle } from './options.ts';
import type { ReadyBottle } from './preflight/index.ts';
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

/** The outcome that a deploy of `ready` would have, images aside: whether those are current shows only their build. */
export async function dryRun(docker: Docker, ready: ReadyBottle, projectDir: string): Promise<DeployedBottle> {
  const { bottle, previous, compose, stateDir } = ready;
  const started = Date.now();
  const exists = (await serviceContainers(docker, ready)).size > 0;
  const rendered = bottle.manifest.files;
  const deployed = previous?.assembly ?? {};
  const paths = [...new Set([...Object.keys(rendered), ...Object.keys(deployed)])].sort();
  const files = paths.filter((path) => rendered[path] !== deployed[path]).map((path) => `${path}: would change`);
  const stale = exists ? await staleServices(docker, ready, projectDir) : [];
  const changes = exists
    ? [...files, ...stale.map((name) => `${name}: would be recreated`)]
    : compose.services.map(({ name }) => `${name}: would be created`);
  const incomplete = exists && previous?.complete !== true ? ['an earlier deploy did not end: would be completed'] : [];
  return {
    slug: bottle.slug,
    outcome: !exists ? 'created' : changes.length + incomplete.length > 0 ? 'updated' : 'unchanged',
    dryRun: true,
    changes: [...changes, ...incomplete],
    container: agentContainerName(bottle.slug),
    daemons: bottle.manifest.daemons,
    images: {
      agent: previous?.images.agent.reference ?? imageOf(ready, 'agent'),
      sidecars: previous?.images.sidecars.reference ?? imageOf(ready, 'sidecars'),
    },
    scanner: previous?.scanner ?? 'unknown',
    stateDir,
    seconds: (Date.now() - started) / 1000,
  };
}

function imageOf({ compose }: ReadyBottle, service: string): string {
  const found = compose.services.find(({ name }) => name === service);
  if (found !== undefined) return found.image;
  throw new BottleError('deploy/bad-compose-file', `compose.yaml has no service ${service}`, {
    fix: 'run bottle synth again',
  });
}
