/** Ends a change whose process was ended in the middle of it: it was made, or it never was. */

import { appendAudit, type ChangeEntry, verifyAudit } from '../audit/index.ts';
import { needsRestart } from '../grants/index.ts';
import { acknowledged, type Demand } from './acknowledge.ts';
import type { LiveBottle } from './contract.ts';
import { isCommitted, putBack, readIntent, removeIntent } from './intent.ts';
import { digestsOf, livePolicy } from './policy-files.ts';

const REASON = 'the process that made the change was ended';

const wasToldOf = (stateDir: string, change: string): boolean =>
  verifyAudit(stateDir).lines.some((line) => line.kind === 'change' && line.change === change);

/** What the daemons of the bottle in `stateDir` have to run for its files to be in force. */
export function demandsOf(stateDir: string): readonly Demand[] {
  const { egress, pipelock } = digestsOf(livePolicy(stateDir));
  return [
    { daemon: 'pipelock', digest: pipelock },
    ...(egress === undefined ? [] : [{ daemon: 'egress' as const, digest: egress }]),
  ];
}

/** The change under way, if its process was ended; for those who only look. */
export function unsettledChange(stateDir: string): ChangeEntry | undefined {
  return readIntent(stateDir)?.entry;
}

/**
 * Settles what an earlier process left. Without `live` the daemons are the caller's business (a deploy brings them to
 * the files anyway). Returns what to tell the operator. The caller holds the lock.
 */
export async function settle(
  stateDir: string,
  live?: { readonly bottle: LiveBottle; readonly acknowledgeMs: number },
): Promise<string | undefined> {
  const intent = readIntent(stateDir);
  if (intent === undefined) {
    removeIntent(stateDir);
    return undefined;
  }
  const { entry } = intent;
  if (isCommitted(stateDir, intent)) {
    if (!wasToldOf(stateDir, entry.change)) appendAudit(stateDir, entry);
    removeIntent(stateDir);
    return `an earlier change was made, but not ended: ${summary(entry)}; it is in force`;
  }
  const { pipelock: now } = livePolicy(stateDir);
  putBack(stateDir, intent);
  if (live !== undefined) {
    const how = needsRestart(now, livePolicy(stateDir).pipelock) ? 'restart' : 'reload';
    await acknowledged(live.bottle, demandsOf(stateDir), how, live.acknowledgeMs);
  }
  appendAudit(stateDir, { ...entry, outcome: 'rolled-back', reason: REASON });
  removeIntent(stateDir);
  return `an earlier change was interrupted: ${summary(entry)}; it is taken back`;
}

function summary({ opens, closes }: ChangeEntry): string {
  const words = [...opens.map((line) => `opens ${line}`), ...closes.map((line) => `closes ${line}`)];
  return words.length === 0 ? 'nothing opens or closes by it' : words.join('; ');
}
