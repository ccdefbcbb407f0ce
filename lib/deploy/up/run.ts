/** What a bring-up of one bottle needs to know. */

import { BottleError } from '../../errors.ts';
import type { Container, Docker } from '../../operate/index.ts';
import { COMPOSE_LABEL, inspectContainers } from '../../operate/index.ts';
import type { Daemon } from '../../plan/index.ts';
import { AGENT_SERVICE, CONFIG_FILE, daemonsOf } from '../../plan/index.ts';
import type { BottleImages } from '../bottle-images.ts';
import type { ReadyBottle } from '../preflight/index.ts';
import { readStateFiles, sha256 } from '../state/contents.ts';

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

/** Whether `container` was made from `hash` and the images, well or not. */
function isAsDeclared(run: BringUp, { imageId, labels, service }: Container, hash: string | undefined): boolean {
  return hash !== undefined && labels[COMPOSE_LABEL.configHash] === hash && imageId === wantedImage(run, service);
}

const isWell = ({ running, restarting, health }: Container): boolean =>
  running && !restarting && (health === undefined || health === 'healthy');

/**
 * `current`: it runs as declared. `unwell`: it runs as declared, but is not healthy, and only a restart can help.
 * `stale`: compose has something to do.
 */
export function standing(
  run: BringUp,
  container: Container | undefined,
  hash: string | undefined,
): 'current' | 'unwell' | 'stale' {
  if (container === undefined || !isAsDeclared(run, container, hash)) return 'stale';
  if (isWell(container)) return 'current';
  return container.running ? 'unwell' : 'stale';
}

/** The daemons that `service` runs. */
export const serviceDaemons = ({ bottle: { manifest } }: ReadyBottle, service: string): readonly Daemon[] =>
  daemonsOf(service, manifest.daemons, manifest.shape);

/** The digest that each daemon of `service` reports once it runs the policy that lies in the state directory. */
export function wantedDigests(ready: ReadyBottle, service: string): ReadonlyMap<Daemon, string> {
  const { stateDir } = ready;
  const paths = serviceDaemons(ready, service).map(
    (daemon) => [daemon, CONFIG_FILE[daemon].replace(/^\/etc\//, '')] as const,
  );
  const files = readStateFiles(
    stateDir,
    paths.map(([, path]) => path),
  );
  return new Map(
    paths.map(([daemon, path]) => {
      const file = files.get(path);
      if (file !== undefined) return [daemon, sha256(file.content)];
      throw new BottleError('deploy/bad-manifest', `there is no policy file for ${daemon}`, {
        fix: 'run bottle synth again',
      });
    }),
  );
}
