/** The init's exit code, from how its children ended. */

import { constants } from 'node:os';

/** How a daemon's last process ended. */
export type Death =
  | { readonly kind: 'exit'; readonly code: number }
  /** `requested`: the init sent this signal itself, to stop the daemon. */
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals; readonly requested: boolean };

/** As a shell reports it: 128 + n for a signal; 0 if the signal was the init's own. */
export function exitCodeOf(death: Death): number {
  if (death.kind === 'exit') return death.code;
  return death.requested ? 0 : 128 + constants.signals[death.signal];
}

/** The largest of the codes; 0 if no child ever ran. */
export function largestExitCode(deaths: readonly Death[]): number {
  return Math.max(0, ...deaths.map(exitCodeOf));
}

/** For the log: `exit code 3`, `SIGSEGV`. */
export function deathText(death: Death): string {
  return death.kind === 'exit' ? `exit code ${death.code}` : death.signal;
}

/** The shell's codes for a program that is not there (127) and one that cannot be run (126). */
export function startFailureCode(errno: string | undefined): number {
  return errno === 'ENOENT' || errno === 'ENOTDIR' ? 127 : 126;
}
