/** After a deploy that failed: the bottle that ran before runs again, or nothing of the new one is left. */

import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../../operate/index.ts';
import { DEPLOYED_FILE, parseDeployed } from '../../operate/state/deployed.ts';
import { AGENT_SERVICE } from '../../plan/index.ts';
import { parseComposeFile } from '../compose-file.ts';
import { type Belongings, belongings, takeDown } from '../down/take-down.ts';
import type { Environment } from '../options.ts';
import { hostVariableValues, type ReadyBottle } from '../preflight/index.ts';
import { readOwnFiles, removeEmptyDirectories, replaceStateFiles, type StateFiles } from '../state/contents.ts';
import { SNAPSHOT_DIRECTORY } from '../workspace/index.ts';
import { converge } from './converge.ts';
import type { BringUp } from './run.ts';

/** How things were before the deploy touched them. */
export interface Before {
  readonly stateExisted: boolean;
  readonly files: StateFiles;
  readonly belongings: Belongings;
}

/** Whether a whole bottle ran that its deploy saw healthy. Just after a restart its health is not known again yet. */
export function ranWell({ files, belongings: { containers } }: Before): boolean {
  const record = parseDeployed(files.get(DEPLOYED_FILE)?.content.toString() ?? '');
  const ran = ({ running, restarting, health }: Container): boolean => running && !restarting && health !== 'unhealthy';
  return (
    record?.complete === true && containers.some(({ service }) => service === AGENT_SERVICE) && containers.every(ran)
  );
}

/** The images that ran, by service. */
function imagesOf({ belongings: { containers } }: Before, { images }: BringUp): BringUp['images'] {
  const idOf = (agent: boolean) => containers.find(({ service }) => (service === AGENT_SERVICE) === agent)?.imageId;
  return {
    ...images,
    agent: { ...images.agent, id: idOf(true) ?? images.agent.id },
    sidecars: { ...images.sidecars, id: idOf(false) ?? images.sidecars.id },
  };
}

/** The bottle as it was: what compose gets for the old files, tokens as the environment has them now. */
function asItWas({ files }: Before, { ready }: BringUp, env: Environment): ReadyBottle {
  const record = parseDeployed(files.get(DEPLOYED_FILE)?.content.toString() ?? '');
  const text = files.get('compose.yaml')?.content.toString();
  if (record === undefined || text === undefined) return ready;
  const { daemons, shape, hostVariables, tokens } = record;
  const manifest = { ...ready.bottle.manifest, daemons, shape };
  const values = { ...ready.held, ...hostVariableValues(hostVariables, tokens, env) };
  return { ...ready, bottle: { ...ready.bottle, manifest }, compose: parseComposeFile(text), values };
}

/** Puts the old files back and has the old bottle run them. Tokens are what the environment says now. */
export async function bringBack(
  run: BringUp,
  before: Before,
  changed: readonly string[],
  env: Environment,
): Promise<void> {
  const { stateDir } = run.ready;
  replaceStateFiles(stateDir, readOwnFiles(stateDir), before.files);
  const ready = asItWas(before, run, env);
  await converge({ ...run, ready, images: imagesOf(before, run), signal: undefined }, changed);
}

/** An engine may still work on a request of the process that was ended. */
const IN_FLIGHT_MS = 300;

/** Removes what the failed deploy made: containers, networks, volumes that are new, and its files. */
export async function takeAway({ docker, ready }: BringUp, before: Before): Promise<void> {
  await sleep(IN_FLIGHT_MS);
  const now = await belongings(docker, ready.owner);
  const newVolumes = now.volumes.filter((volume) => !before.belongings.volumes.includes(volume));
  await takeDown(docker, { ...now, volumes: newVolumes });
  if (!before.stateExisted) rmSync(ready.stateDir, { recursive: true, force: true });
  else {
    replaceStateFiles(ready.stateDir, readOwnFiles(ready.stateDir), before.files);
    removeEmptyDirectories(ready.stateDir, [SNAPSHOT_DIRECTORY]);
  }
}
