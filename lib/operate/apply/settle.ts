/** Ends a change whose process was ended in the middle of it: it was made, or it never was. */

import { BottleError } from '../../errors.ts';
import { appendAudit, type ChangeEntry, verifyAudit } from '../audit/index.ts';
import { needsRestart } from '../grants/index.ts';
import type { Demand } from './acknowledge.ts';
import type { LiveBottle } from './contract.ts';
import { type Enforced, enforced, type How } from './enforce.ts';
import { type Intent, isCommitted, putBack, readIntent, removeIntent } from './intent.ts';
import { digestsOf, livePolicy } from './policy-files.ts';

interface Live {
  readonly bottle: LiveBottle;
  readonly acknowledgeMs: number;
}

const REASON = 'the process that made the change was ended';

const wasToldOf = (stateDir: string, change: string): boolean =>
  verifyAudit(stateDir).lines.some((line) => line.kind === 'change' && line.change === change);

/** What the daemons of the bottle in `stateDir` have to run for its files to be in force, egress last. */
export function demandsOf(stateDir: string): readonly Demand[] {
  const { egress, pipelock } = digestsOf(livePolicy(stateDir));
  return [
    { daemon: 'pipelock', digest: pipelock },
    ...(egress === undefined ? [] : [{ daemon: 'egress' as const, digest: egress }]),
  ];
}

/** The same, in the order of a change that closes: egress, which the agent talks to, first. */
export const closingDemandsOf = (stateDir: string, pipelock: How): readonly (Demand & { readonly how: How })[] =>
  [...demandsOf(stateDir)]
    .reverse()
    .map((demand) => ({ ...demand, how: demand.daemon === 'pipelock' ? pipelock : 'reload' }));

/** The change under way, if its process was ended; for those who only look. */
export function unsettledChange(stateDir: string): ChangeEntry | undefined {
  return readIntent(stateDir)?.entry;
}

/**
 * Settles what an earlier process left. Without `live` the daemons are the caller's business (a deploy brings them to
 * the files anyway). Returns what to tell the operator. The caller holds the lock.
 */
export async function settle(stateDir: string, live?: Live): Promise<string | undefined> {
  const intent = readIntent(stateDir);
  if (intent === undefined) {
    removeIntent(stateDir);
    return undefined;
  }
  const { entry } = intent;
  if (isCommitted(stateDir, intent)) {
    const end = await broughtToDaemons(stateDir, intent, live);
    if (end !== undefined) {
      if (!wasToldOf(stateDir, entry.change)) appendAudit(stateDir, entry);
      removeIntent(stateDir);
      return `an earlier change was made, but not ended: ${summary(entry)}; it is in force${doubts(end)}`;
    }
  }
  const { pipelock: now } = livePolicy(stateDir);
  putBack(stateDir, intent);
  const how = needsRestart(now, livePolicy(stateDir).pipelock) ? 'restart' : 'reload';
  // A daemon that is kept busy must not hold up what an operator wants to close next.
  const end = live === undefined ? NOTHING_TOLD : await told(stateDir, live, how);
  appendAudit(stateDir, { ...entry, outcome: 'rolled-back', reason: REASON });
  removeIntent(stateDir);
  return `an earlier change was interrupted: ${summary(entry)}; it is taken back${doubts(end)}`;
}

const NOTHING_TOLD: Enforced = { warnings: [], unconfirmed: [] };

const told = (stateDir: string, { bottle, acknowledgeMs }: Live, pipelock: How): Promise<Enforced> =>
  enforced(bottle, closingDemandsOf(stateDir, pipelock), () => acknowledgeMs);

/** What telling the daemons of a change that was made came to; undefined if one refuses it, so that it is not made. */
async function broughtToDaemons(
  stateDir: string,
  intent: Intent,
  live: Live | undefined,
): Promise<Enforced | undefined> {
  // Any other change is made only once the daemons have said that they run it.
  if (intent.narrows !== true || live === undefined) return NOTHING_TOLD;
  try {
    return await told(stateDir, live, 'reload');
  } catch (error) {
    if (error instanceof BottleError && error.code === 'apply/refused') return undefined;
    throw error;
  }
}

const doubts = ({ warnings, unconfirmed }: Enforced): string =>
  [...warnings, ...unconfirmed.map(({ error }) => `${error.message}, see bottle status`)]
    .map((doubt) => `; ${doubt}`)
    .join('');

function summary({ opens, closes }: ChangeEntry): string {
  const words = [...opens.map((line) => `opens ${line}`), ...closes.map((line) => `closes ${line}`)];
  return words.length === 0 ? 'nothing opens or closes by it' : words.join('; ');
}
