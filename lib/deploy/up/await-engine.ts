/** The engine's own view of what was started again. */

import { setTimeout as sleep } from 'node:timers/promises';
import { interrupted } from '../../operate/index.ts';
import { type BringUp, serviceContainers } from './run.ts';

const LOOK_EVERY_MS = 200;
/** Longer than two rounds of the health check. */
const ENGINE_MS = 10_000;

/**
 * Waits until the engine has asked every container for its health since it was started: it asks every other second, and
 * until then the next deploy would take one that was restarted for unwell.
 */
export async function awaitEngine(run: BringUp): Promise<void> {
  for (const deadline = Date.now() + ENGINE_MS; Date.now() < deadline; await sleep(LOOK_EVERY_MS)) {
    if (run.signal?.aborted === true) throw interrupted();
    const starting = [...(await serviceContainers(run.docker, run.ready)).values()].filter(
      ({ health }) => health === 'starting',
    );
    if (starting.length === 0) return;
    run.note(`waiting for the engine to see ${starting.map(({ service }) => service).join(', ')} healthy`);
  }
}
