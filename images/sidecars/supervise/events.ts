/** What the init left about the daemons, one file an event (docs/reference/bundle.md), each read as untrusted. */

import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  DAEMON_EVENT_BYTES,
  DAEMON_EVENT_FILE,
  DAEMON_EVENT_NAMES,
  DAEMON_EVENTS_KEPT,
} from '../../../lib/plan/daemon-event.ts';
import { DAEMONS, type Daemon } from '../../../lib/plan/daemons.ts';
import { readBounded } from './bounded-read.ts';

/** What lies beyond twice as many as the init keeps is somebody else's. */
const ENTRIES_MAX = 2 * DAEMON_EVENTS_KEPT;

/** A daemon in a crash loop is started at least every 30 s and fails within a minute: silence means that it is over. */
const LOOP_SILENCE_MS = 180_000;

export const DaemonEvent = z.object({
  version: z.literal(1),
  time: z.iso.datetime(),
  daemon: z.enum(DAEMONS),
  event: z.enum(DAEMON_EVENT_NAMES),
  code: z.int().nullish(),
  signal: z.string().max(32).nullish(),
  restarts: z.int().min(0),
  delayMs: z.number().min(0).nullish(),
  detail: z.string().max(8_192).nullish(),
});
export type DaemonEvent = z.infer<typeof DaemonEvent>;

export interface Events {
  /** Oldest first. */
  readonly events: readonly DaemonEvent[];
  /** Entries that are no events, with the reason; the first of them. */
  readonly skipped: readonly { readonly entry: string; readonly reason: string }[];
  /** How many entries were passed over, those beyond what is read and listed included. */
  readonly skippedCount: number;
}

const codeOf = (reason: unknown): string =>
  reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? reason.code : 'unknown error';

/** The event in `path`, or why there is none. */
async function readEvent(path: string): Promise<DaemonEvent | string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile()) return 'not a regular file';
      const text = status.size > DAEMON_EVENT_BYTES ? undefined : await readBounded(file, DAEMON_EVENT_BYTES);
      if (text === undefined) return 'too large';
      const parsed = DaemonEvent.safeParse(JSON.parse(text));
      return parsed.success ? parsed.data : 'not of the expected form';
    } finally {
      await file.close();
    }
  } catch (reason) {
    return reason instanceof SyntaxError ? 'not JSON' : codeOf(reason);
  }
}

/** The events of `directory`; none, and no error, where it is not there or cannot be read. */
export async function readEvents(directory: string): Promise<Events> {
  const isOurs = await lstat(directory).then(
    (status) => status.isDirectory(),
    () => false,
  );
  const names = isOurs ? (await readdir(directory).catch(() => [])).sort() : [];
  const events: DaemonEvent[] = [];
  const skipped: { entry: string; reason: string }[] = [];
  const ours = names.filter((name) => DAEMON_EVENT_FILE.test(name));
  const wanted = ours.slice(-ENTRIES_MAX);
  for (const entry of wanted) {
    const event = await readEvent(join(directory, entry));
    // The init removes the oldest while we read.
    if (event === 'ENOENT') continue;
    if (typeof event === 'string') skipped.push({ entry, reason: event });
    else events.push(event);
  }
  const foreign = names.filter(
    (name) => !DAEMON_EVENT_FILE.test(name) && !(name.startsWith('.') && name.endsWith('.tmp')),
  );
  const skippedCount = skipped.length + foreign.length + (ours.length - wanted.length);
  for (const entry of foreign.slice(0, ENTRIES_MAX)) skipped.push({ entry, reason: 'not an event' });
  return { events, skipped, skippedCount };
}

/** A daemon that fails again and again, so that what goes through it is refused. */
export interface CrashLoop {
  readonly daemon: Daemon;
  readonly restarts: number;
  /** When the init took it for a loop, ISO 8601. */
  readonly since: string;
}

/** The daemons that are in a crash loop at `now`, in canonical order. */
export function crashLoops(events: readonly DaemonEvent[], now: number): readonly CrashLoop[] {
  return DAEMONS.flatMap((daemon) => {
    const own = events.filter((event) => event.daemon === daemon);
    const run = own.slice(own.findLastIndex(({ event }) => event === 'recovered') + 1);
    const loop = run.find(({ event }) => event === 'crash-loop');
    const last = run.at(-1);
    if (loop === undefined || last === undefined || now - Date.parse(last.time) > LOOP_SILENCE_MS) return [];
    return [{ daemon, restarts: last.restarts, since: loop.time }];
  });
}
