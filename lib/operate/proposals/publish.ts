/** The answer to a proposal: one file that appears whole, and only where there is none. */

import type { Proposal, Verdict } from '../../../images/sidecars/supervise/proposal.ts';
import { BottleError } from '../../errors.ts';
import { appendAudit, type VerdictEntry } from '../audit/index.ts';
import { answeredError, shortId } from './find.ts';
import { openQueue, queueDirectory } from './queue.ts';

/** Longest note that the queue takes. */
const NOTES_MAX = 4_000;

export interface Answer {
  readonly status: Exclude<Verdict, 'expired'>;
  /** For the agent. */
  readonly notes: string;
  /** Who answers; the agent is not told. */
  readonly by: string;
}

function noted(stateDir: string, entry: VerdictEntry): readonly string[] {
  try {
    return appendAudit(stateDir, entry);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new BottleError('supervise/audit-not-written', `the audit log cannot be written: ${reason}`, {
      fix: 'free the disk; without a record nothing is answered',
      cause,
    });
  }
}

/**
 * Publishes `answer`, which changes no policy, with its line in the audit log before it: no answer goes without one.
 * Returns what is wrong with the log. The caller holds the bottle's lock.
 */
export async function publishWithRecord(
  stateDir: string,
  proposal: Proposal,
  answer: Answer,
  entry: Omit<VerdictEntry, 'kind' | 'who' | 'proposal' | 'status'>,
): Promise<readonly string[]> {
  const { status, by: who } = answer;
  const line: VerdictEntry = { kind: 'verdict', who, proposal: proposal.id, status, ...entry };
  const problems = noted(stateDir, line);
  try {
    await publishAnswer(stateDir, proposal, answer);
  } catch (error) {
    noted(stateDir, { ...line, reason: error instanceof Error ? error.message : 'unknown' });
    throw error;
  }
  return problems;
}

/** Publishes `answer`. Throws if another operator's, or the deadline's, stands there already. */
export async function publishAnswer(stateDir: string, { id, slug }: Proposal, answer: Answer): Promise<void> {
  const queue = openQueue(stateDir);
  const { status, notes, by } = answer;
  const said = notes.trim() === '' ? {} : { notes: notes.trim().slice(0, NOTES_MAX) };
  const decided = new Date().toISOString();
  let isOurs: boolean;
  try {
    isOurs = await queue.addResponse({ version: 1, id, status, ...said, decided, by });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new BottleError('supervise/answer-not-written', `the answer cannot be written: ${reason}`, {
      fix: `free the disk, and check who owns ${queueDirectory(stateDir)}`,
      cause,
    });
  }
  if (isOurs) return;
  const other = await queue.response(id);
  if (other !== undefined) throw answeredError(id, other);
  throw new BottleError(
    'supervise/answer-in-the-way',
    `the proposal ${shortId(id)} has an answer that nobody can read`,
    {
      fix: `remove ${id}.response.json from the queue of ${slug}, or let it expire`,
    },
  );
}
