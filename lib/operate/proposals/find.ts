/** Which proposal an operator means, and whether it can still be answered. */

import { isDeepStrictEqual } from 'node:util';
import type { Proposal, ProposalResponse } from '../../../images/sidecars/supervise/proposal.ts';
import { BottleError } from '../../errors.ts';
import { openQueue, type QueueState, readProposal } from './queue.ts';

/** Characters of an id that lists show; any beginning that is the only one of its kind will do. */
const SHORT_ID = 8;

export const shortId = (id: string): string => id.slice(0, SHORT_ID);

/** Who gave an answer, and which: `rejected by ann@host at …`. */
function verdictText({ status, by, decided }: ProposalResponse): string {
  const who = by === undefined ? '' : ` by ${by}`;
  const when = decided === undefined ? '' : ` at ${decided}`;
  return status === 'expired' ? `expired${when}, before an operator answered` : `${status}${who}${when}`;
}

export function answeredError(id: string, response: ProposalResponse): BottleError {
  const code = response.status === 'expired' ? 'supervise/expired' : 'supervise/answered';
  return new BottleError(code, `the proposal ${shortId(id)} is answered already: ${verdictText(response)}`, {
    fix:
      response.status === 'expired'
        ? 'the agent was told no; it may ask again, or open what it needs with bottle allow'
        : 'that answer stands; change what is open with bottle allow',
  });
}

const expiredError = (proposal: Proposal): BottleError =>
  new BottleError('supervise/expired', `the proposal ${shortId(proposal.id)} expired at ${proposal.expires}`, {
    fix: 'the agent was told no; it may ask again, or open what it needs with bottle allow',
  });

const goneError = (id: string, slug: string): BottleError =>
  new BottleError('supervise/no-such-proposal', `the bottle ${slug} has no proposal ${id}`, {
    fix: `bottle supervise ${slug} lists those that wait`,
    exitCode: 2,
  });

/** The open proposal of `state` whose id begins with `id`; the only one without. Throws a BottleError that says why not. */
export function findProposal(state: QueueState, slug: string, id: string | undefined): Proposal {
  if (id === undefined) {
    const [only, ...others] = state.open;
    if (only !== undefined && others.length === 0) return only;
    if (only === undefined) {
      throw new BottleError('supervise/nothing-waits', `no proposal of the bottle ${slug} waits for an answer`);
    }
    throw new BottleError('supervise/which', `${state.open.length} proposals of the bottle ${slug} wait`, {
      fix: `name one: ${state.open.map((proposal) => shortId(proposal.id)).join(', ')}`,
      exitCode: 2,
    });
  }
  const answered = state.answered.map(({ proposal }) => proposal);
  const matching = [...state.open, ...state.overdue, ...answered].filter((one) => one.id.startsWith(id.toLowerCase()));
  const [proposal, ...more] = matching;
  if (proposal === undefined) throw goneError(id, slug);
  if (more.length > 0) {
    throw new BottleError('supervise/which', `${matching.length} proposals begin with ${id}`, {
      fix: `give more of the id: ${matching.map((one) => one.id).join(', ')}`,
      exitCode: 2,
    });
  }
  const response = state.answered.find((one) => one.proposal.id === proposal.id)?.response;
  if (response !== undefined) throw answeredError(proposal.id, response);
  if (state.overdue.includes(proposal)) throw expiredError(proposal);
  return proposal;
}

/**
 * Throws unless `proposal` still waits, and is word for word what the operator was shown: what is decided is never a
 * file that was put in its place meanwhile.
 */
export async function assertOpen(stateDir: string, proposal: Proposal): Promise<void> {
  const { id, slug } = proposal;
  const response = await openQueue(stateDir).response(id);
  if (response !== undefined) throw answeredError(id, response);
  const now = await readProposal(stateDir, id);
  if (now === undefined) throw goneError(shortId(id), slug);
  if (!isDeepStrictEqual(now, proposal)) {
    throw new BottleError('supervise/changed', `the proposal ${shortId(id)} is not the one that you were shown`, {
      fix: 'somebody rewrites the queue: look at the logs of supervise, and reject it',
    });
  }
  if (Date.parse(now.expires) <= Date.now()) throw expiredError(now);
}
