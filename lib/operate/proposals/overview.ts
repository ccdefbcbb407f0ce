/** What waits for an operator, over the bottles of a home. */

import { existsSync, readdirSync } from 'node:fs';
import { DNS_LABEL } from '../../plan/index.ts';
import { type StoredBottle, storedBottle } from '../apply/index.ts';
import { type CrashLoop, type DaemonEvent, daemonEvents } from '../events/index.ts';
import { readDeployed } from '../state/deployed.ts';
import { stateDirectory, statesDirectory } from '../state/directory.ts';
import { type QueueState, readQueue } from './queue.ts';

export interface SupervisedBottle {
  readonly bottle: StoredBottle;
  readonly queue: QueueState;
  readonly crashLoops: readonly CrashLoop[];
  /** The last crash-loop, crash and recovery events, oldest first. */
  readonly events: readonly DaemonEvent[];
  readonly skippedEvents: number;
}

const EVENTS_SHOWN = 5;

/** Slugs of the bottles of `home` that have supervise. */
export function supervisedSlugs(home: string): readonly string[] {
  const states = statesDirectory(home);
  if (!existsSync(states)) return [];
  const slugs = readdirSync(states).filter((name) => DNS_LABEL.test(name));
  return slugs
    .filter((slug) => readDeployed(stateDirectory(home, slug))?.daemons.includes('supervise') === true)
    .sort();
}

/** The bottle `slug` and what waits there; throws if it was never deployed or is another user's. */
export async function supervisedBottle(home: string, slug: string): Promise<SupervisedBottle> {
  const bottle = storedBottle(home, slug);
  const queue = await readQueue(bottle.stateDir, slug);
  const { recent, crashLoops, skipped } = await daemonEvents(bottle.stateDir, EVENTS_SHOWN);
  return { bottle, queue, crashLoops, events: recent, skippedEvents: skipped };
}
