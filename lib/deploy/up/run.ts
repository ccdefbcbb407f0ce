/** What a bring-up of one bottle needs to know. */

import { BottleError } from '../../errors.ts';
import type { Container, Docker } from '../../operate/index.ts';
import { COMPOSE_LABEL, inspectContainers } from '../../operate/index.ts';
import type { Daemon } from '../../plan/index.ts';
import { CONFIG_FILE } from '../../plan/index.ts';
import type { BottleImages } from '../bottle-images.ts';
import { AGENT_SERVICE } from '../compose-file.ts';
import type { ReadyBottle } from '../preflight/index.ts';

export interface BringUp {
  readonly docker: Docker;
  readonly ready: ReadyBottle;
  readonly images: BottleImages;
  readonly projectDir: string;
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly note: (text: string) => void;
}

/** The bottle's containers that exist, by service. */
export async function serviceContainers(docker: Docker, ready: ReadyBottle): Promise<ReadonlyMap<string, Container>> {
  const names = ready.compose.services.map(({ container }) => container);
  const found = await inspectContainers(docker, names);
  return new Map(found.map((container) => [container.service, container]));
}

/** Services other than the agent's, which have to be up before it. */
export const sidecarServices = ({ compose }: ReadyBottle): readonly string[] =>
  compose.services.map(({ name }) => name).filter((name) => name !== AGENT_SERVICE);

const wantedImage = ({ images }: BringUp, service: string): string =>
  service === AGENT_SERVICE ? images.agent.id : images.sidecars.id;

/** Whether `container` runs as `hash` and the images say, and is well. */
export function isCurrent(run: BringUp, container: Container | undefined, hash: string | undefined): boolean {
  if (container === undefined || hash === undefined) return false;
  const { running, restarting, health, imageId, labels } = container;
  const isWell = running && !restarting && (health === undefined || health === 'healthy');
  return isWell && imageId === wantedImage(run, container.service) && labels[COMPOSE_LABEL.configHash] === hash;
}

/** The digest that each daemon reports once it runs the policy of this assembly. */
export function wantedDigests({ bottle }: ReadyBottle): ReadonlyMap<Daemon, string> {
  const { daemons, files } = bottle.manifest;
  return new Map(
    daemons.map((daemon) => {
      const digest = files[CONFIG_FILE[daemon].replace(/^\/etc\//, '')];
      if (digest !== undefined) return [daemon, digest];
      throw new BottleError('deploy/bad-manifest', `the assembly has no policy file for ${daemon}`, {
        fix: 'run bottle synth again',
      });
    }),
  );
}
