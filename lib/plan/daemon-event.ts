/**
 * What the init leaves in {@link import('./paths.ts').EVENTS_DIR}, one file an event. Whoever reads them treats every
 * entry as untrusted: opened with O_NOFOLLOW, at most {@link DAEMON_EVENT_BYTES} long, and of this shape.
 */

import { DAEMONS, type Daemon } from './daemons.ts';

/** `start-failed`: no process came to be; `crash`: one ended that nobody had asked to end. */
export const DAEMON_EVENT_NAMES = ['crash', 'crash-loop', 'recovered', 'start-failed'] as const;

export type DaemonEventName = (typeof DAEMON_EVENT_NAMES)[number];

export interface DaemonEvent {
  readonly version: 1;
  /** ISO 8601 instant. */
  readonly time: string;
  readonly daemon: Daemon;
  readonly event: DaemonEventName;
  /** Exit code of the process, or of a start that failed (126, 127). */
  readonly code?: number;
  /** Name of the signal that ended the process. */
  readonly signal?: string;
  /** How often the daemon was started again since the init began. */
  readonly restarts: number;
  /** Milliseconds until it is started again; absent: it is not. */
  readonly delayMs?: number;
  /** One line of the init's. */
  readonly detail?: string;
}

/** Longest file that is one. */
export const DAEMON_EVENT_BYTES = 16 * 1024;

/** How many files are kept; the oldest go. */
export const DAEMON_EVENTS_KEPT = 200;

/** Name of the file of an event at `time` (Unix milliseconds), the init's `count`-th. Names sort by time. */
export const daemonEventFile = (time: number, daemon: string, count: number): string =>
  `${String(time).padStart(13, '0')}-${daemon}-${count}.json`;

/** What {@link daemonEventFile} makes; anything else in the directory is no event. */
export const DAEMON_EVENT_FILE = new RegExp(`^(\\d{13})-(${DAEMONS.join('|')})-(\\d{1,9})\\.json$`);
