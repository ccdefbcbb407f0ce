/** When a call asks for what another call asked for already: a client that lost its connection asks again. */

import type { Proposal, ProposalRequest, ProposalResponse } from './proposal.ts';

/** How long after a verdict the same call gets that verdict, and no second proposal. */
export const REMEMBERED_MS = 300_000;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** `value` as text that does not depend on the order of keys. */
function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** What `request` asks for, without the reason that it gives: equal for two calls that would open the same. */
export function askOf({ tool, arguments: { justification: _, ...rest } }: ProposalRequest): string {
  return canonical([tool, rest as Json]);
}

/**
 * Whether the verdict on `asked`, given `ageMs` ago, answers `request`, too: only where it is the same call to the word,
 * as other words are a new question. A proposal that expired was heard by nobody.
 */
export function isAnsweredBy(
  request: ProposalRequest,
  asked: Proposal,
  { status }: ProposalResponse,
  ageMs: number,
): boolean {
  if (status === 'expired' || ageMs < 0 || ageMs > REMEMBERED_MS) return false;
  return askOf(request) === askOf(asked) && request.arguments.justification === asked.arguments.justification;
}
