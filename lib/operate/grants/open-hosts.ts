/** Everything that a bottle may reach now, and by whose word. */

import { type PolicyTexts, parsePolicy } from './declared.ts';
import { openLines } from './difference.ts';
import { isExpired, type Tokens } from './live-policy.ts';
import type { Grant } from './model.ts';

export interface OpenHostLine {
  /** A host, or a wildcard of pipelock's in a bottle without egress. */
  readonly host: string;
  /** What is open of it, in words. */
  readonly what: string;
  /** `declared`: by the definition alone; `extended`: by the definition and a grant; `granted`: by a grant alone. */
  readonly by: 'declared' | 'extended' | 'granted';
  /** Who gave the grant, when and why. */
  readonly grant?: { readonly who: string; readonly time: string; readonly why: string };
  /** The grant has ended: egress refuses the host, though its entry is still there. */
  readonly isExpired: boolean;
}

/** What the live policy `texts` lets through, one entry a host, in the order of the files. */
export function openHostLines(
  texts: { readonly declared: PolicyTexts; readonly live: PolicyTexts },
  grants: readonly Grant[],
  tokens: Tokens,
  now: Date,
): readonly OpenHostLine[] {
  const declared = parsePolicy(texts.declared);
  const hosts = declared.routes?.routes.map(({ host }) => host) ?? declared.pipelock.api_allowlist;
  return openLines(texts.live, tokens).map(({ host, what }) => {
    const grant = grants.find((one) => one.host === host && one.kind === 'open');
    const by = grant === undefined ? 'declared' : hosts.includes(host) ? 'extended' : 'granted';
    const given = grant === undefined ? {} : { grant: { who: grant.who, time: grant.time, why: grant.why } };
    return { host, what, by, ...given, isExpired: grant !== undefined && isExpired(grant, now) };
  });
}
