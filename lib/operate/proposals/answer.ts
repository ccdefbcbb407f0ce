/** An operator's verdict, carried out: first what it permits is in force, then the agent hears of it. */

import type { Proposal } from '../../../images/sidecars/supervise/proposal.ts';
import {
  type Applied,
  type ApplyOptions,
  applyChanges,
  type LiveBottle,
  openLiveBottle,
  type StoredBottle,
} from '../apply/index.ts';
import type { Docker } from '../docker/index.ts';
import { withLock } from '../state/lock.ts';
import { assertOpen } from './find.ts';
import { assertCredentialNamed } from './merged.ts';
import { publishAnswer, publishWithRecord } from './publish.ts';
import type { Decision, ReachProposal } from './terms.ts';
import { askText } from './words.ts';

/** Another operator's change is waited for this long. */
const LOCK_WAIT_MS = 5_000;

export interface Verdict {
  /** Who answers; kept in the audit log and shown to other operators. */
  readonly who: string;
  /** For the agent, and as the reason in the audit log. */
  readonly note: string;
}

export interface Approved {
  readonly status: Decision['status'];
  readonly notes: string;
  readonly applied: Applied;
}

/** What the agent reads: the operator's words, and what is other than it would think. */
function notesFor({ note }: Verdict, { status }: Decision, { opens, deferred, changed }: Applied): string {
  const granted = opens.length === 0 ? 'nothing beyond what was open already' : opens.join('; ');
  return [
    ...(note.trim() === '' ? [] : [note.trim()]),
    ...(status === 'modified' ? [`granted: ${granted}`] : []),
    ...(deferred.length > 0 ? ['this takes effect only with the next deploy of the bottle'] : []),
    ...(changed || status === 'modified' ? [] : ['this was open already']),
  ].join('\n');
}

/**
 * Opens what `decision` says on the running bottle, and answers `proposal` once both daemons run it. Whatever stands in
 * the way (another operator was faster, the deadline came, a daemon refuses, the disk is full) leaves the old policy in
 * force and is thrown.
 */
export async function approve(
  docker: Docker,
  bottle: StoredBottle,
  proposal: ReachProposal,
  decision: Decision,
  verdict: Verdict,
  options: Omit<ApplyOptions, 'around'> = {},
): Promise<Approved> {
  await assertOpen(bottle.stateDir, proposal);
  const live: LiveBottle = await openLiveBottle(docker, bottle.home, bottle.slug);
  const { status, change } = decision;
  const why = verdict.note.trim() === '' ? `${status}: ${askText(proposal)}` : verdict.note.trim();
  let notes = '';
  const applied = await applyChanges(
    live,
    [change],
    { who: verdict.who, why, origin: 'proposal', proposal: proposal.id },
    {
      ...options,
      around: {
        before: async () => {
          await assertOpen(bottle.stateDir, proposal);
          // Another operator may have given the host a credential since this one looked.
          assertCredentialNamed(bottle, change, decision.credential);
        },
        after: async (result) => {
          notes = notesFor(verdict, decision, result);
          await publishAnswer(bottle.stateDir, proposal, { status, notes, by: verdict.who });
        },
      },
    },
  );
  return { status, notes, applied };
}

/** Runs `work` under the bottle's lock, on a proposal that is still open there. */
export function onOpenProposal<T>(bottle: StoredBottle, proposal: Proposal, work: () => Promise<T>): Promise<T> {
  return withLock(
    bottle.home,
    bottle.slug,
    async () => {
      await assertOpen(bottle.stateDir, proposal);
      return work();
    },
    LOCK_WAIT_MS,
  );
}

/** Answers no. The bundle need not run: supervise reads the answer when it does. Returns what is wrong with the log. */
export function reject(bottle: StoredBottle, proposal: Proposal, { who, note }: Verdict): Promise<readonly string[]> {
  const { stateDir } = bottle;
  const answer = { status: 'rejected', notes: note, by: who } as const;
  return onOpenProposal(bottle, proposal, () =>
    publishWithRecord(stateDir, proposal, answer, { why: note, ask: askText(proposal) }),
  );
}
