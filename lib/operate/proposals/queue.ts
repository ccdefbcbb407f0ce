/** A bottle's proposals, as its state directory holds them. Every entry is somebody else's file, and read as that. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Proposal, type ProposalResponse, responseFile } from '../../../images/sidecars/supervise/proposal.ts';
import { Queue } from '../../../images/sidecars/supervise/queue.ts';
import { BottleError } from '../../errors.ts';
import { DEADLINE_SECONDS } from '../../plan/index.ts';

/** `queue/` of the state directory, which the bundle has at SUPERVISE_QUEUE_DIR. */
export const queueDirectory = (stateDir: string): string => join(stateDir, 'queue');

export interface Skipped {
  readonly entry: string;
  readonly reason: string;
}

export interface AnsweredProposal {
  readonly proposal: Proposal;
  readonly response: ProposalResponse;
}

export interface QueueState {
  /** Not answered, and its time not over; oldest first. */
  readonly open: readonly Proposal[];
  /** Past its deadline without an answer: supervise is about to say so, or does not run. */
  readonly overdue: readonly Proposal[];
  readonly answered: readonly AnsweredProposal[];
  /** Foreign, unreadable or incomplete entries. */
  readonly skipped: readonly Skipped[];
}

/** supervise keeps about a hundred; more are somebody else's doing, and not read. */
const PROPOSALS_READ = 1_000;

const EMPTY: QueueState = { open: [], overdue: [], answered: [], skipped: [] };

/** A queue that leaves a note of each entry it passes over in `skipped`. */
export function openQueue(stateDir: string, skipped: Skipped[] = []): Queue {
  return new Queue(queueDirectory(stateDir), (event, { entry = '', reason = '' } = {}) => {
    if (event === 'skipped') skipped.push({ entry: String(entry), reason: String(reason) });
  });
}

/** Longest that a proposal waits, whatever it says. */
const WAIT_MAX_MS = DEADLINE_SECONDS.most * 1_000;

/** bundle and operator share one clock; it may be set back a little. */
const CLOCK_STEP_MS = 60_000;

/** `proposal` with an end that a deadline can give, whatever it claims. */
function withSaneDeadline<One extends Proposal>(proposal: One): One {
  const latest = Date.parse(proposal.created) + WAIT_MAX_MS;
  return Date.parse(proposal.expires) <= latest ? proposal : { ...proposal, expires: new Date(latest).toISOString() };
}

const isFromFuture = ({ created }: Proposal, now: number): boolean => Date.parse(created) > now + CLOCK_STEP_MS;

/** The proposal `id` as an operator may take it; undefined if it is not there, no proposal, or of a time to come. */
export async function readProposal(
  stateDir: string,
  id: string,
  now: number = Date.now(),
): Promise<Proposal | undefined> {
  const proposal = await openQueue(stateDir).proposal(id);
  return proposal === undefined || isFromFuture(proposal, now) ? undefined : withSaneDeadline(proposal);
}

const byAge = (a: Proposal, b: Proposal): number =>
  a.created < b.created ? -1 : a.created > b.created ? 1 : a.id < b.id ? -1 : 1;

/** All proposals of the bottle `slug`; nothing where it has no queue. Never fails over an entry. */
export async function readQueue(stateDir: string, slug: string, now: number = Date.now()): Promise<QueueState> {
  const isThere = await stat(queueDirectory(stateDir)).catch(() => undefined);
  if (isThere?.isDirectory() !== true) return EMPTY;
  const skipped: Skipped[] = [];
  const queue = openQueue(stateDir, skipped);
  const { proposals, responses } = await queue.list().catch((cause: unknown) => {
    throw new BottleError('supervise/queue-unreadable', `the queue of the bottle ${slug} cannot be read`, {
      fix: `check who owns ${queueDirectory(stateDir)}`,
      cause,
    });
  });
  const open: Proposal[] = [];
  const overdue: Proposal[] = [];
  const answered: AnsweredProposal[] = [];
  const beyond = proposals.size - PROPOSALS_READ;
  if (beyond > 0) skipped.push({ entry: `${beyond} proposals`, reason: 'more than supervise ever keeps' });
  for (const id of [...proposals].slice(0, PROPOSALS_READ)) {
    const claimed = await queue.proposal(id);
    if (claimed === undefined) continue;
    const proposal = withSaneDeadline(claimed);
    if (isFromFuture(proposal, now)) skipped.push({ entry: `${id}.proposal.json`, reason: 'made in the future' });
    else if (proposal.slug !== slug) skipped.push({ entry: `${id}.proposal.json`, reason: 'of another bottle' });
    else if (responses.has(id)) {
      const response = await queue.response(id);
      // An answer that cannot be read keeps ours from being one: supervise lets this proposal expire.
      if (response !== undefined) answered.push({ proposal, response });
    } else (Date.parse(proposal.expires) > now ? open : overdue).push(proposal);
  }
  for (const id of responses) {
    if (!proposals.has(id)) skipped.push({ entry: responseFile(id), reason: 'an answer to no proposal' });
  }
  return { open: open.sort(byAge), overdue: overdue.sort(byAge), answered, skipped };
}
