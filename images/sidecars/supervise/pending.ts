/** Proposals that wait for a verdict: how many there may be, and what ends the wait. */

import { randomUUID } from 'node:crypto';
import type { Log } from './log.ts';
import { Proposal, type ProposalRequest, type ProposalResponse } from './proposal.ts';
import type { Queue } from './queue.ts';

export interface PendingLimits {
  /** Proposals that wait at once; also those whose client has gone. */
  readonly waiting: number;
  /** Answered proposals that stay on disk for the operator to look at. */
  readonly kept: number;
  /** Files of any kind in the queue above which nothing is added. */
  readonly entries: number;
  /** Milliseconds between two looks into the queue. */
  readonly pollMs: number;
}

export const PENDING_LIMITS: PendingLimits = { waiting: 16, kept: 100, entries: 1_000, pollMs: 500 };

/** A refusal to take one more proposal; the message is for the agent. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export interface PendingOptions {
  readonly queue: Queue;
  readonly slug: string;
  readonly deadlineSeconds: number;
  readonly log: Log;
  readonly limits?: PendingLimits;
}

interface Waiting {
  readonly expires: number;
  /** Absent once the client has gone: the proposal stays, nobody hears the verdict. */
  settle?: (response: ProposalResponse) => void;
}

export class Pending {
  readonly #options: PendingOptions;
  readonly #limits: PendingLimits;
  readonly #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: PendingOptions) {
    this.#options = options;
    this.#limits = options.limits ?? PENDING_LIMITS;
  }

  /** Takes up what an earlier process left unanswered, so that it expires all the same. */
  async recover(): Promise<void> {
    const { proposals, responses } = await this.#options.queue.list();
    for (const id of proposals) {
      if (responses.has(id)) continue;
      const proposal = await this.#options.queue.proposal(id);
      if (proposal !== undefined) this.#waiting.set(id, { expires: Date.parse(proposal.expires) });
    }
    this.#schedule();
  }

  /** Writes a proposal and waits for its verdict, which is never later than the deadline; rejects if `signal` aborts. */
  async propose(request: ProposalRequest, signal: AbortSignal): Promise<ProposalResponse> {
    const { queue, slug, deadlineSeconds, log } = this.#options;
    if (this.#waiting.size >= this.#limits.waiting) {
      throw new QueueFull(
        `${this.#waiting.size} proposals wait for the operator already; ask again when one is decided`,
      );
    }
    const now = Date.now();
    const id = randomUUID();
    const waiting: Waiting = { expires: now + deadlineSeconds * 1_000 };
    // Taken before the first await, so that calls at the same time cannot pass the limit together.
    this.#waiting.set(id, waiting);
    try {
      if ((await queue.list()).entries >= this.#limits.entries) {
        throw new QueueFull('the queue of proposals is full; the operator has to clear it');
      }
      const created = new Date(now).toISOString();
      const expires = new Date(waiting.expires).toISOString();
      await queue.addProposal(Proposal.parse({ version: 1, id, slug, created, expires, ...request }));
    } catch (reason) {
      this.#waiting.delete(id);
      throw reason;
    }
    log('proposal', { id, tool: request.tool });
    return new Promise((resolve, reject) => {
      waiting.settle = resolve;
      const leave = () => {
        delete waiting.settle;
        reject(new Error('the client went away'));
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      this.#schedule();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#stopped || this.#timer !== undefined || this.#waiting.size === 0) return;
    this.#timer = setTimeout(async () => {
      await this.#look();
      this.#timer = undefined;
      this.#schedule();
    }, this.#limits.pollMs);
  }

  /** Settles what can be settled. Never rejects: whatever the disk does, every proposal ends at its deadline. */
  async #look(): Promise<void> {
    const { queue, log } = this.#options;
    const answered = await this.#attempt('list', async () => (await queue.list()).responses);
    let settled = 0;
    for (const [id, waiting] of this.#waiting) {
      let response = answered?.has(id) === true ? await queue.response(id) : undefined;
      if (response === undefined && Date.now() >= waiting.expires) response = await this.#expire(id);
      if (response === undefined) continue;
      settled += 1;
      this.#waiting.delete(id);
      log('verdict', { id, status: response.status });
      waiting.settle?.(response);
    }
    if (settled > 0) await this.#attempt('prune', () => queue.prune(this.#limits.kept));
  }

  /** Answers `expired` in the operator's place; an answer that came in the same moment stands. */
  async #expire(id: string): Promise<ProposalResponse> {
    const { queue } = this.#options;
    const expired: ProposalResponse = { version: 1, id, status: 'expired', decided: new Date().toISOString() };
    const added = await this.#attempt('expire', () => queue.addResponse(expired));
    return (added === false ? await queue.response(id) : undefined) ?? expired;
  }

  async #attempt<Result>(what: string, action: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await action();
    } catch (reason) {
      this.#options.log('failed', { what, reason: reason instanceof Error ? reason.message : 'unknown' });
      return undefined;
    }
  }
}
