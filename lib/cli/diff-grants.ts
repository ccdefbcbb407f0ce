/** What operators granted of a deployed bottle while it ran, and what a deploy would make of it. */

import type { AssembledBottle } from '../deploy/assembly.ts';
import { withLiveGrants } from '../deploy/state/live-grants.ts';
import { BottleError } from '../errors.ts';
import type { Grant } from '../operate/grants/index.ts';

export interface LiveGrantLines {
  /** They stay with a deploy, unless it is told `--reset`. */
  readonly kept: readonly string[];
  /** The definition does not let them stay, or they have expired; or why none could be read. */
  readonly dropped: readonly string[];
}

const grantText = (grant: Grant): string => {
  const what = grant.kind === 'open' ? 'opened' : 'closed';
  const until = grant.kind === 'open' && grant.expires !== undefined ? ` until ${grant.expires}` : '';
  return `${grant.host} ${what}${until} by ${grant.who} at ${grant.time}: ${grant.why}`;
};

/** The live grants of the state directory, as a deploy of `bottle` would find them. */
export function liveGrantLines(bottle: AssembledBottle, stateDir: string): LiveGrantLines {
  try {
    const { live } = withLiveGrants(bottle, stateDir);
    return {
      kept: (live?.kept ?? []).map(grantText),
      dropped: (live?.dropped ?? []).map(({ grant, why }) => `${grant.host} ${why}`),
    };
  } catch (error) {
    if (error instanceof BottleError) return { kept: [], dropped: [`none can be told: ${error.message}`] };
    throw error;
  }
}
