/** Reads what the init left in an events directory. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAEMON_EVENT_FILE, type DaemonEvent } from '../../../lib/plan/daemon-event.ts';

/** The events in `directory`, oldest first. */
export function eventsIn(directory: string): readonly DaemonEvent[] {
  return readdirSync(directory)
    .filter((name) => DAEMON_EVENT_FILE.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));
}
