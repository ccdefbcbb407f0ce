/** Live grants against a definition that may have changed since they were given. */

import { BottleError } from '../../errors.ts';
import { tokenSlotName } from '../../plan/index.ts';
import { assertExpressible, assertValid } from './check.ts';
import {
  allowlist,
  coveringWildcard,
  isAllowed,
  isInnerHop,
  type Policy,
  type PolicyTexts,
  parsePolicy,
} from './declared.ts';
import { extension } from './grant-changes.ts';
import { isExpired, slotOf, type Tokens } from './live-policy.ts';
import type { Grant, OpenChange, OpenGrant } from './model.ts';
import { grantedReach } from './reach.ts';

export interface DroppedGrant {
  readonly grant: Grant;
  /** In words that follow the host. */
  readonly why: string;
}

export interface Regranted {
  readonly kept: readonly Grant[];
  readonly dropped: readonly DroppedGrant[];
  /** The definition's tokens, then those that only grants name, in their order. */
  readonly tokens: Tokens;
}

const REDUNDANT = 'is declared now';

/** The change that would give `grant`. Port 443 alone is what a change gives that names no port. */
function changeOf({
  host,
  ports,
  methods,
  pathPrefixes,
  auth,
  tlsPassthrough,
  webSocket,
  expires,
}: OpenGrant): OpenChange {
  return {
    kind: 'open',
    host,
    ...(ports === undefined || ports.join() === '443' ? {} : { ports }),
    ...(methods === undefined ? {} : { methods }),
    ...(pathPrefixes === undefined ? {} : { pathPrefixes }),
    ...(auth === undefined ? {} : { auth }),
    tlsPassthrough: tlsPassthrough === true,
    webSocket: webSocket === true,
    ...(expires === undefined ? {} : { expires }),
  };
}

/** What is left of an opening under `policy`, or why nothing is. */
function stillOpen(policy: Policy, grant: OpenGrant, tokens: Tokens, now: Date): OpenGrant | string {
  const { host, ports, expires, id, time, who, why, origin, proposal } = grant;
  const entry = policy.routes?.routes.find((route) => route.host === host);
  const change = changeOf(grant);
  assertValid(change, { isDeclared: entry !== undefined, now });
  assertExpressible(change, policy);
  if (policy.routes === undefined) {
    return isAllowed(policy, host, grant.tlsPassthrough === true) ? REDUNDANT : grant;
  }
  if (entry === undefined)
    return ports === undefined ? 'is not declared any more, and was granted on top of that' : grant;
  const stamp = { id: () => id, time, who, why, origin, ...(proposal === undefined ? {} : { proposal }) };
  const left = extension({ policy, tokens, stamp }, entry, grantedReach(grant), change, id);
  if (left === undefined) return REDUNDANT;
  return expires === undefined ? left : 'is declared now with less, and an extension of that cannot have an end';
}

function stillGranted(policy: Policy, grant: Grant, tokens: Tokens, now: Date): Grant | string {
  if (isExpired(grant, now)) return 'has expired';
  if (grant.kind === 'close') {
    const allowed = allowlist(policy);
    const wildcard = isInnerHop(policy) ? undefined : coveringWildcard(allowed, grant.host);
    if (wildcard !== undefined) return `was closed, and is open again by the declared ${wildcard}`;
    return allowed.includes(grant.host) ? grant : 'was closed, and is not declared any more';
  }
  try {
    return stillOpen(policy, grant, tokens, now);
  } catch (error) {
    if (error instanceof BottleError) return `cannot be granted any more: ${error.message}`;
    throw error;
  }
}

/** The slots of a bottle in which `grants` are in force: a credential that only grants name gets one of its own. */
function extendedTokens(declared: Tokens, grants: readonly Grant[]): Tokens {
  const names = grants.flatMap((grant) => (grant.kind === 'open' && grant.auth !== undefined ? [grant.auth.from] : []));
  const more = [...new Set(names)].filter((from) => slotOf(declared, from) === undefined);
  return [...declared, ...more.map((from, index) => ({ slot: tokenSlotName(declared.length + index), from }))];
}

/** What of `grants` still holds on top of `declared`, whose credentials are `tokens`. */
export function regrant(declared: PolicyTexts, grants: readonly Grant[], tokens: Tokens, now: Date): Regranted {
  if (grants.length === 0) return { kept: [], dropped: [], tokens };
  const policy = parsePolicy(declared);
  const kept: Grant[] = [];
  const dropped: DroppedGrant[] = [];
  for (const grant of grants) {
    const outcome = stillGranted(policy, grant, tokens, now);
    if (typeof outcome === 'string') dropped.push({ grant, why: outcome });
    else kept.push(outcome);
  }
  return { kept, dropped, tokens: extendedTokens(tokens, kept) };
}
