/** The conversation with an operator at a terminal. Questions go to stderr; nothing is decided without an answer. */

import { createInterface, type Interface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError } from '../errors.ts';
import type { StoredBottle } from '../operate/apply/index.ts';
import type { Docker } from '../operate/docker/index.ts';
import {
  askedCredential,
  isReach,
  type Proposal,
  type ProposalView,
  proposalView,
  readQueue,
  type SupervisedBottle,
  type Terms,
} from '../operate/proposals/index.ts';
import { expiryOf } from './expiry.ts';
import { interruption } from './interruption.ts';
import type { Messages } from './messages.ts';
import { printable } from './printable.ts';
import { type AnswerInput, tellAnswer } from './supervise-answer.ts';
import { proposalText } from './supervise-text.ts';

const LOOK_EVERY_MS = 1_000;

export interface Conversation {
  readonly bottle: StoredBottle;
  readonly proposal: Proposal;
  readonly docker: Docker;
  readonly messages: Messages;
  readonly dryRun: boolean;
}

/** Asks, and gives the answer without the spaces around it; `fallback` where it is empty. */
type Ask = (question: string, fallback?: string) => Promise<string>;

function askOn(terminal: Interface, signal: AbortSignal): Ask {
  return async (question, fallback = '') => {
    const shown = fallback === '' ? question : `${question} [${fallback}]`;
    const said = (await terminal.question(printable(`${shown} `), { signal })).trim();
    return said === '' ? fallback : said;
  };
}

const list = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** `-` says "none" where a proposal has something. */
const named = (text: string): string | undefined => (text === '' || text === '-' ? undefined : text);

async function modifiedTerms(ask: Ask, proposal: Proposal): Promise<Terms> {
  const asked = proposal.tool === 'egress-block' ? proposal.arguments : undefined;
  const host = named(await ask('host, if another:'));
  const paths = list(await ask('only paths below (/ for all):', asked?.pathPrefixes?.join(' ') ?? ''));
  const methods = list(await ask('only methods (empty: any):'));
  const credential = named(await ask('credential to send along, by its name (empty: none):'));
  const expires = named(await ask('ends after, e.g. 2h (empty: never):'));
  return {
    ...(host === undefined ? {} : { host }),
    ...(paths.length === 0 ? {} : { pathPrefixes: paths }),
    ...(methods.length === 0 ? {} : { methods }),
    ...(credential === undefined ? {} : { credential }),
    ...(expires === undefined ? {} : { expires: expiryOf(expires) }),
  };
}

/** A credential goes where it did not go before only if its name is typed; what the host has cannot be left out. */
async function approvedTerms(
  ask: Ask,
  view: ProposalView,
  isAsked: boolean,
): Promise<Pick<AnswerInput, 'verdict' | 'terms'>> {
  const { credential } = view;
  if (credential === undefined) return { verdict: 'approve', terms: {} };
  if (!isAsked) {
    const said = await ask(`type ${credential} to let what is opened have that credential, too (empty: do not open):`);
    return { verdict: 'approve', terms: said === '' ? {} : { credential: said } };
  }
  const typed = await ask(`type ${credential} to send that credential there (empty: open without it):`);
  if (typed === '') return { verdict: 'modify', terms: {} };
  return { verdict: typed === credential ? 'approve' : 'modify', terms: { credential: typed } };
}

type Action = 'approve' | 'modify' | 'reject' | 'skip' | 'quit';

const ACTIONS: readonly Action[] = ['approve', 'modify', 'reject', 'skip', 'quit'];

async function action(ask: Ask): Promise<Action> {
  for (;;) {
    const word = (await ask('[a]pprove, [m]odify, [r]eject, [s]kip, [q]uit?')).toLowerCase();
    const found = word === '' ? undefined : ACTIONS.find((one) => one.startsWith(word));
    if (found !== undefined) return found;
  }
}

async function decided(
  ask: Ask,
  proposal: Proposal,
  view: ProposalView,
  verdict: 'approve' | 'modify' | 'reject',
): Promise<Pick<AnswerInput, 'verdict' | 'terms' | 'dockerfile'>> {
  if (verdict === 'reject') return { verdict, terms: {} };
  if (isReach(proposal)) {
    if (verdict === 'approve') return approvedTerms(ask, view, askedCredential(proposal) !== undefined);
    return { verdict, terms: await modifiedTerms(ask, proposal) };
  }
  if (proposal.arguments.dockerfile === undefined && verdict === 'approve') return { verdict, terms: {} };
  return { verdict, terms: {}, dockerfile: named(await ask('file of yours to build from (empty: none):')) };
}

/** One proposal: shown, asked about, answered. False if the operator wants to end. */
async function talk(ask: Ask, { bottle, proposal, docker, messages, dryRun }: Conversation): Promise<boolean> {
  const view = proposalView(bottle, proposal);
  messages.result(view, proposalText(view));
  const chosen = await action(ask);
  if (chosen === 'quit') return false;
  if (chosen === 'skip') return true;
  try {
    const decision = await decided(ask, proposal, view, chosen);
    const base = { bottle, proposal, docker, ...decision };
    if (decision.verdict === 'modify' && !dryRun) {
      await tellAnswer({ ...base, note: '', dryRun: true }, messages);
      if (!/^y(es)?$/i.test(await ask('do that? [y/N]'))) return true;
    }
    const note = await ask('note for the agent (may be empty):');
    await tellAnswer({ ...base, note, dryRun }, messages);
  } catch (error) {
    if (!(error instanceof BottleError)) throw error;
    messages.error(error);
  }
  return true;
}

async function withTerminal<T>(work: (ask: Ask, signal: AbortSignal) => Promise<T>): Promise<T> {
  return interruption(async (signal) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const ended = new AbortController();
    signal.addEventListener('abort', () => ended.abort());
    // Ctrl-D ends the conversation; Ctrl-C comes here as an event, not as a signal.
    terminal.once('close', () => ended.abort());
    terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      return await work(askOn(terminal, ended.signal), ended.signal);
    } finally {
      terminal.close();
    }
  });
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** One proposal alone. */
export async function converse(conversation: Conversation): Promise<void> {
  await withTerminal((ask) => talk(ask, conversation));
}

export interface SessionOptions {
  readonly look: () => Promise<readonly SupervisedBottle[]>;
  readonly docker: Docker;
  readonly messages: Messages;
  /** Ends when nothing waits. */
  readonly once: boolean;
  readonly dryRun: boolean;
}

/** One proposal after the other, and those that come, until the operator ends it. */
export async function session({ look, docker, messages, once, dryRun }: SessionOptions): Promise<void> {
  const passed = new Set<string>();
  let said = false;
  await withTerminal(async (ask, signal) => {
    for (;;) {
      const open = (await look()).flatMap(({ bottle, queue }) => queue.open.map((proposal) => ({ bottle, proposal })));
      const next = open.find(({ proposal }) => !passed.has(proposal.id));
      if (next === undefined) {
        if (once) return;
        if (!said) messages.info('waiting for proposals; Ctrl-C ends');
        said = true;
        await sleep(LOOK_EVERY_MS, undefined, { signal });
        continue;
      }
      said = false;
      if (!(await talk(ask, { ...next, docker, messages, dryRun }))) return;
      const { open: still } = await readQueue(next.bottle.stateDir, next.bottle.slug);
      if (still.some(({ id }) => id === next.proposal.id)) passed.add(next.proposal.id);
    }
  }).catch((error: unknown) => {
    if (!isAbort(error)) throw error;
  });
}
