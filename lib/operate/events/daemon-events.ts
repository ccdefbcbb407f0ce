/** What happened to a bottle's daemons, as the init left it in the state directory. */

import { join } from 'node:path';
import { type CrashLoop, crashLoops, type DaemonEvent, readEvents } from '../../../images/sidecars/supervise/events.ts';

export type { CrashLoop, DaemonEvent };

/** `events/` of the state directory, which every sidecar service has at EVENTS_DIR. */
export const eventsDirectory = (stateDir: string): string => join(stateDir, 'events');

export interface DaemonEvents {
  /** The last ones, oldest first; their text is somebody else's. */
  readonly recent: readonly DaemonEvent[];
  readonly crashLoops: readonly CrashLoop[];
  /** Entries that are no events. */
  readonly skipped: number;
}

/** The last `count` events of the bottle in `stateDir`. Never fails over an entry. */
export async function daemonEvents(stateDir: string, count: number, now: number = Date.now()): Promise<DaemonEvents> {
  const { events, skippedCount: skipped } = await readEvents(eventsDirectory(stateDir));
  return { recent: events.slice(-count), crashLoops: crashLoops(events, now), skipped };
}
