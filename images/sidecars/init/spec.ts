/** What the init is told to do: everything that the image fixes and a test may vary. */

import type { Probe } from './probe.ts';
import type { RestartRules } from './restart-rules.ts';
import type { Territory } from './strays.ts';

/** The user and group of a daemon's processes. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface DaemonSpec {
  readonly name: string;
  /** Program and arguments; never a secret. */
  readonly argv: readonly [string, ...string[]];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent: the init's own, because it cannot switch users. */
  readonly identity?: Identity;
  /** Absent: the init's own. */
  readonly umask?: number;
  /** Secret files to copy before each start. */
  readonly secrets?: { readonly from: string; readonly to: string };
  /** True if SIGHUP makes it read its files again. */
  readonly reloads: boolean;
  /** Makes the probe of one run of the daemon. It may throw, which counts as not up. */
  readonly probe: () => Probe;
  /** Where to look for processes that have left its group; absent: they cannot be told from others. */
  readonly territory?: Territory;
}

export interface InitSpec {
  /** In the order of start and of the report. */
  readonly daemons: readonly DaemonSpec[];
  /** A directory that only the init writes. */
  readonly runDir: string;
  readonly healthSocket: string;
  /** Directory for the event files, where it exists. */
  readonly eventsDir?: string;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly restart: RestartRules | 'never';
  /** Lines for the log before anything starts. */
  readonly notices: readonly string[];
}
