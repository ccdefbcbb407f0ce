/** The bottles of this home: what their state directories record, and what runs of them. */

import { existsSync, readdirSync } from 'node:fs';
import { BottleError } from '../../errors.ts';
import { AGENT_SERVICE, DNS_LABEL, LABEL, nearest, sidecarServices } from '../../plan/index.ts';
import { type BottleOwner, type Container, isContainerOf, labelledContainers } from '../containers.ts';
import type { Docker } from '../docker/index.ts';
import { type Deployed, readDeployed } from '../state/deployed.ts';
import { stateDirectory, statesDirectory } from '../state/directory.ts';

/** A bottle of which there is a record, a container, or both. */
export interface DeployedBottle {
  readonly slug: string;
  /** App of the record, or of the containers where there is none. */
  readonly app: string;
  readonly stateDir: string;
  /** Undefined where only containers are left, or the record is of another version. */
  readonly record: Deployed | undefined;
  /** Those that are the bottle's own, by service. */
  readonly containers: ReadonlyMap<string, Container>;
}

export const ownerOf = ({ slug, app, stateDir }: Pick<DeployedBottle, 'slug' | 'app' | 'stateDir'>): BottleOwner => ({
  slug,
  app,
  stateDir,
});

/** Services that the bottle has by its record; without one, those that exist. */
export function servicesOf({ record, containers }: Pick<DeployedBottle, 'record' | 'containers'>): readonly string[] {
  if (record === undefined) return [...containers.keys()];
  return [...sidecarServices(record.daemons, record.shape), AGENT_SERVICE];
}

function recordedSlugs(home: string): string[] {
  const states = statesDirectory(home);
  return existsSync(states) ? readdirSync(states).filter((name) => DNS_LABEL.test(name)) : [];
}

/** The bottle `slug` as far as `containers` and its state directory show it; undefined if neither knows it. */
function bottleOf(home: string, slug: string, containers: readonly Container[]): DeployedBottle | undefined {
  const stateDir = stateDirectory(home, slug);
  const record = readDeployed(stateDir);
  const own = containers.filter((one) => isContainerOf(one, { slug, app: record?.app, stateDir }));
  const app = record?.app ?? own[0]?.labels[LABEL.app];
  if (app === undefined) return undefined;
  return { slug, app, stateDir, record, containers: new Map(own.map((one) => [one.service, one])) };
}

/** The bottles of `home` by their records alone: no engine is asked, and nothing is known of containers. */
export function recordedBottles(home: string): readonly DeployedBottle[] {
  return recordedSlugs(home)
    .sort()
    .flatMap((slug) => bottleOf(home, slug, []) ?? []);
}

/** Every bottle of `home`, by slug. */
export async function deployedBottles(docker: Docker, home: string): Promise<readonly DeployedBottle[]> {
  const containers = await labelledContainers(docker, LABEL.slug);
  const running = containers.map(({ labels }) => labels[LABEL.slug] ?? '').filter((slug) => DNS_LABEL.test(slug));
  const slugs = [...new Set([...recordedSlugs(home), ...running])].sort();
  return slugs.flatMap((slug) => {
    const own = containers.filter(({ labels }) => labels[LABEL.slug] === slug);
    return bottleOf(home, slug, own) ?? [];
  });
}

function unknownBottle(slug: string, known: readonly string[]): BottleError {
  const meant = nearest(slug, known);
  const others = known.length === 0 ? 'no bottle is deployed on this home' : `deployed are: ${known.join(', ')}`;
  return new BottleError('usage/unknown-bottle', `no bottle ${slug} is deployed`, {
    fix: meant === undefined ? others : `did you mean ${meant}? ${others}`,
    exitCode: 2,
  });
}

export function assertSlug(slug: string): void {
  if (DNS_LABEL.test(slug)) return;
  throw new BottleError('usage/unknown-bottle', `not the name of a bottle: ${slug}`, {
    fix: 'a name is lower case letters, digits and hyphens; bottle list shows those that are deployed',
    exitCode: 2,
  });
}

/** The bottle `slug` of `home`. Throws one that names the nearest if there is none. */
export async function deployedBottle(docker: Docker, home: string, slug: string): Promise<DeployedBottle> {
  assertSlug(slug);
  const found = bottleOf(home, slug, await labelledContainers(docker, LABEL.slug, slug));
  if (found !== undefined) return found;
  const known = await deployedBottles(docker, home);
  throw unknownBottle(
    slug,
    known.map((bottle) => bottle.slug),
  );
}
