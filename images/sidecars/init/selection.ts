/** Which daemons this container runs: `CLAUDE_BOTTLE_SIDECAR_DAEMONS`. */

import { DAEMONS, type Daemon, daemonNamed, inCanonicalOrder } from '../../../lib/plan/daemons.ts';

export interface Selection {
  /** In canonical order, each once; empty if the variable names no daemon that exists. */
  readonly daemons: readonly Daemon[];
  /** Names that are none of a daemon, as given. */
  readonly unknown: readonly string[];
}

/** The selection that `csv` makes: all daemons if it is unset, empty or blank. */
export function selectedDaemons(csv: string | undefined): Selection {
  if (csv === undefined || csv.trim() === '') return { daemons: DAEMONS, unknown: [] };
  const names = csv
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return {
    daemons: inCanonicalOrder(names.flatMap((name) => daemonNamed(name) ?? [])),
    unknown: [...new Set(names.filter((name) => daemonNamed(name) === undefined))],
  };
}
