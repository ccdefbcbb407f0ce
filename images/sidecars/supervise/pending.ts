/**
 * Proposals that wait for a verdict: how many there may be, who waits for each, and what ends the wait. A call that asks
 * for the same again, as a client does that lost its connection, joins the proposal that is there.
 */

import { randomUUID } from 'node:crypto';
import type { Log } from './log.ts';
import { Proposal, type ProposalRequest, type ProposalResponse } from './proposal.ts';
import type { Queue } from './queue.ts';
import { askOf, isAnsweredBy, REMEMBERED_MS } from './same-ask.ts';

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
  /** Whether what `request` was granted is still there, as far as the policy shows. */
  readonly isInForce: (request: ProposalRequest) => Promise<boolean>;
  readonly limits?: PendingLimits;
}

type Settle = (response: ProposalResponse) => void;

interface Waiting {
  readonly ask: string;
  readonly expires: number;
  /** Once the proposal is in the queue; rejects if it did not get there. */
  readonly written: Promise<void>;
  /** Who hears the verdict: nobody once every client has gone, and yet the proposal stays. */
  readonly settle: Set<Settle>;
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
      if (proposal === undefined) continue;
      const expires = Date.parse(proposal.expires);
      this.#waiting.set(id, { ask: askOf(proposal), expires, written: Promise.resolve(), settle: new Set() });
    }
    this.#schedule();
  }

  /**
   * The verdict on `request`, which is never later than the deadline of its proposal. The proposal is a new one, or that
   * of an earlier call for the same. Rejects if `signal` aborts.
   */
  async propose(request: ProposalRequest, signal: AbortSignal): Promise<ProposalResponse> {
    const ask = askOf(request);
    if (this.#open(ask) === undefined) {
      const answered = await this.#remembered(request);
      if (answered !== undefined) return answered;
    }
    const open = this.#open(ask);
    if (open !== undefined) this.#options.log('joined', { tool: request.tool });
    const waiting = open ?? this.#add(request, ask);
    await waiting.written;
    return this.#verdictOn(waiting, signal);
  }

  #open(ask: string): Waiting | undefined {
    return [...this.#waiting.values()].find((waiting) => waiting.ask === ask);
  }

  /** Takes a place at once, so that calls at the same time can neither pass the limit together nor miss each other. */
  #add(request: ProposalRequest, ask: string): Waiting {
    if (this.#waiting.size >= this.#limits.waiting) {
      throw new QueueFull(
        `${this.#waiting.size} proposals wait for the operator already; ask again when one is decided`,
      );
    }
    const id = randomUUID();
    const created = Date.now();
    const expires = created + this.#options.deadlineSeconds * 1_000;
    const written = this.#write(id, request, created, expires).catch((reason: unknown) => {
      this.#waiting.delete(id);
      throw reason;
    });
    const waiting: Waiting = { ask, expires, written, settle: new Set() };
    this.#waiting.set(id, waiting);
    return waiting;
  }

  async #write(id: string, request: ProposalRequest, created: number, expires: number): Promise<void> {
    const { queue, slug, log } = this.#options;
    if ((await queue.list()).entries >= this.#limits.entries) {
      throw new QueueFull('the queue of proposals is full; the operator has to clear it');
    }
    const times = { created: new Date(created).toISOString(), expires: new Date(expires).toISOString() };
    await queue.addProposal(Proposal.parse({ version: 1, id, slug, ...times, ...request }));
    log('proposal', { id, tool: request.tool });
  }

  #verdictOn(waiting: Waiting, signal: AbortSignal): Promise<ProposalResponse> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.settle.delete(settle);
        reject(new Error('the client went away'));
      };
      const settle: Settle = (response) => {
        signal.removeEventListener('abort', leave);
        resolve(response);
      };
      waiting.settle.add(settle);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      this.#schedule();
    });
  }

  /** The verdict that the same call was given in the last minutes, from the queue, which outlives this process. */
  async #remembered(request: ProposalRequest): Promise<ProposalResponse | undefined> {
    const { queue, isInForce } = this.#options;
    const answers = (await this.#attempt('remember', () => queue.answeredWithin(REMEMBERED_MS))) ?? [];
    const now = Date.now();
    const same = answers.filter(({ proposal, response, answeredMs }) =>
      isAnsweredBy(request, proposal, response, now - answeredMs),
    );
    // The latest verdict counts, also where an earlier one was another.
    const last = same.sort((a, b) => b.answeredMs - a.answeredMs)[0];
    if (last === undefined) return undefined;
    const { status } = last.response;
    // What was permitted may have been taken back: then it is asked anew.
    if (status !== 'rejected' && (await this.#attempt('compare', () => isInForce(request))) !== true) return undefined;
    this.#options.log('repeated', { id: last.proposal.id });
    return last.response;
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
      for (const settle of waiting.settle) settle(response);
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
