/** What changes make of the grants of a bottle, and which changes are refused. */

import { isDeepStrictEqual } from 'node:util';
import { BottleError } from '../../errors.ts';
import { quoted, type RouteEntry } from '../../plan/index.ts';
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
import { isExpired, slotOf, type Tokens } from './live-policy.ts';
import type { CloseChange, Grant, GrantAuth, OpenChange, OpenGrant, PolicyChange } from './model.ts';
import { contains, grantedReach, type Reach, reachText, union } from './reach.ts';

/** Kept in each grant that a change makes. */
export interface Stamp {
  readonly id: () => string;
  readonly time: string;
  readonly who: string;
  readonly why: string;
  readonly origin: Grant['origin'];
  readonly proposal?: string;
}

/** What a change is judged against. */
export interface Situation {
  readonly policy: Policy;
  readonly tokens: Tokens;
  readonly stamp: Stamp;
}

function refused(host: string, problem: string, fix: string): BottleError {
  return new BottleError('allow/refused', `${quoted(host)} ${problem}`, { fix, exitCode: 2 });
}

const isLimited = ({ methods, pathPrefixes }: Reach): boolean => methods !== undefined || pathPrefixes !== undefined;

const namesReach = ({ ports, methods, pathPrefixes }: OpenChange): boolean =>
  ports !== undefined || methods !== undefined || pathPrefixes !== undefined;

const namesNothing = (change: OpenChange): boolean =>
  !namesReach(change) && change.auth === undefined && change.tlsPassthrough !== true && change.webSocket !== true;

/** What `change` asks for; what it leaves out is as in `base`. */
function reachOf(change: OpenChange, base: Reach | undefined): Reach {
  const { ports = base?.ports ?? [443], methods = base?.methods, pathPrefixes = base?.pathPrefixes } = change;
  return { ports, ...(methods && { methods }), ...(pathPrefixes && { pathPrefixes }) };
}

const sameAuth = (a: GrantAuth, b: GrantAuth): boolean =>
  a.scheme === b.scheme && a.from === b.from && a.header === b.header && a.user === b.user;

/** The declared credential of `entry`, by the name of its variable. */
function declaredAuth({ auth }: RouteEntry, tokens: Tokens): GrantAuth | undefined {
  const from = tokens.find((token) => auth !== undefined && slotOf(tokens, token.from) === auth.slot)?.from;
  if (auth === undefined || from === undefined) return undefined;
  const { slot: _slot, ...rest } = auth;
  return { ...rest, from };
}

function mergedAuth(host: string, now: GrantAuth | undefined, asked: GrantAuth | undefined): GrantAuth | undefined {
  if (now === undefined || asked === undefined || sameAuth(now, asked)) return asked ?? now;
  throw refused(
    host,
    `is authenticated with ${now.from} (${now.scheme}) already; a host has one credential`,
    'leave the credential out, or change the definition',
  );
}

function mergedReach(host: string, now: Reach, asked: Reach): Reach {
  const merged = union(now, asked);
  if (merged !== undefined) return merged;
  throw refused(
    host,
    `allows ${reachText(now)}; ${reachText(asked)} besides cannot be said in one entry a host without opening more than both`,
    'name the same methods with other paths, or the same paths with other methods',
  );
}

const grantOf = (
  { stamp }: Situation,
  host: string,
  reach: Reach | undefined,
  more: Pick<OpenChange, 'auth' | 'tlsPassthrough' | 'webSocket' | 'expires'>,
  id: string,
): OpenGrant => ({
  id,
  kind: 'open',
  host,
  time: stamp.time,
  who: stamp.who,
  why: stamp.why,
  origin: stamp.origin,
  ...(stamp.proposal === undefined ? {} : { proposal: stamp.proposal }),
  ...(reach === undefined ? {} : { ports: [...reach.ports] }),
  ...(reach?.methods === undefined ? {} : { methods: [...reach.methods] }),
  ...(reach?.pathPrefixes === undefined ? {} : { pathPrefixes: [...reach.pathPrefixes] }),
  ...(more.auth === undefined ? {} : { auth: more.auth }),
  ...(more.tlsPassthrough === true ? { tlsPassthrough: true as const } : {}),
  ...(more.webSocket === true ? { webSocket: true as const } : {}),
  ...(more.expires === undefined ? {} : { expires: more.expires }),
});

/** What a grant opens, whoever gave it and when. */
const substance = ({ time: _time, who: _who, why: _why, origin: _origin, proposal: _proposal, ...rest }: OpenGrant) =>
  rest;

/** When a grant that is widened ends. A part of an entry cannot end before the rest. */
function mergedExpiry(old: OpenGrant, now: Reach, asked: Reach, change: OpenChange): string | undefined {
  const isAside = !namesReach(change) && !namesNothing(change) && change.expires === undefined;
  if (isAside || old.expires === change.expires) return old.expires;
  if (contains(asked, now)) return change.expires;
  throw refused(
    change.host,
    `is granted ${old.expires === undefined ? 'without an end' : `until ${old.expires}`} already; one entry has one end`,
    'take the grant back first (bottle allow --remove), or name all that is to be open until then',
  );
}

/** Opens more of a host that the definition declares. */
function extend(
  situation: Situation,
  entry: RouteEntry,
  old: Grant | undefined,
  change: OpenChange,
): Grant | undefined {
  const { host } = change;
  if (old?.kind === 'close') {
    if (namesNothing(change) && change.expires === undefined) return undefined;
    throw refused(host, 'is declared and was closed', `open it as declared first (bottle allow <slug> ${host})`);
  }
  if (change.expires !== undefined) {
    throw refused(
      host,
      'is declared, and egress can end an entry only as a whole',
      'leave the expiry out, and take the change back with bottle allow --remove',
    );
  }
  if (namesNothing(change)) {
    if (!isLimited(entry)) return old;
    throw refused(
      host,
      `is declared with limits (${reachText(entry)}), and nothing is named that should be open besides`,
      'name it: methods, path prefixes (/ for every path), ports',
    );
  }
  const before = old === undefined ? undefined : grantedReach(old);
  const asked = namesReach(change) ? reachOf(change, entry) : undefined;
  const both = before !== undefined && asked !== undefined ? mergedReach(host, before, asked) : (asked ?? before);
  const auth = mergedAuth(host, old?.auth, change.auth);
  const wanted = {
    ...(auth === undefined ? {} : { auth }),
    tlsPassthrough: old?.tlsPassthrough === true || change.tlsPassthrough === true,
    webSocket: old?.webSocket === true || change.webSocket === true,
  };
  const after = extension(situation, entry, both, wanted, old?.id ?? situation.stamp.id());
  const isSame = old !== undefined && after !== undefined && isDeepStrictEqual(substance(after), substance(old));
  return isSame ? old : after;
}

/**
 * The grant of what `reach` and `more` open beyond a declared `entry`; undefined if that is nothing. Throws if one entry
 * cannot say both.
 */
export function extension(
  situation: Situation,
  entry: RouteEntry,
  reach: Reach | undefined,
  more: Pick<OpenChange, 'auth' | 'tlsPassthrough' | 'webSocket'>,
  id: string,
): OpenGrant | undefined {
  const { host } = entry;
  const { policy, tokens } = situation;
  const beyond = reach === undefined || contains(entry, reach) ? undefined : reach;
  if (beyond !== undefined) mergedReach(host, entry, beyond);
  const declared = declaredAuth(entry, tokens);
  const auth = mergedAuth(host, declared, more.auth);
  const spliced = policy.pipelock.tls_interception.passthrough_domains.includes(host);
  const rest = {
    ...(declared !== undefined || auth === undefined ? {} : { auth }),
    tlsPassthrough: !spliced && more.tlsPassthrough === true,
    webSocket: entry.webSocket !== true && more.webSocket === true,
  };
  const isNothing = beyond === undefined && rest.auth === undefined && !rest.tlsPassthrough && !rest.webSocket;
  return isNothing ? undefined : grantOf(situation, host, beyond, rest, id);
}

/** Opens a host that the definition does not declare. */
function grant(situation: Situation, old: OpenGrant | undefined, change: OpenChange): OpenGrant {
  const { host } = change;
  const { stamp } = situation;
  const now = old === undefined ? undefined : grantedReach(old);
  if (old === undefined || now === undefined) {
    return grantOf(situation, host, reachOf(change, undefined), change, stamp.id());
  }
  const asked = namesReach(change) ? reachOf(change, now) : namesNothing(change) ? reachOf(change, undefined) : now;
  const auth = mergedAuth(host, old.auth, change.auth);
  const expires = mergedExpiry(old, now, asked, change);
  const more = {
    ...(auth === undefined ? {} : { auth }),
    tlsPassthrough: old.tlsPassthrough === true || change.tlsPassthrough === true,
    webSocket: old.webSocket === true || change.webSocket === true,
    ...(expires === undefined ? {} : { expires }),
  };
  const after = grantOf(situation, host, mergedReach(host, now, asked), more, old.id);
  return isDeepStrictEqual(substance(after), substance(old)) ? old : after;
}

function opened(situation: Situation, old: Grant | undefined, change: OpenChange): Grant | undefined {
  const { policy } = situation;
  const { host } = change;
  const entry = policy.routes?.routes.find((route) => route.host === host);
  if (entry !== undefined) return extend(situation, entry, old, change);
  if (old?.kind === 'close') return undefined;
  const isAsked = old === undefined && isAllowed(policy, host, change.tlsPassthrough === true);
  return policy.routes === undefined && isAsked ? undefined : grant(situation, old, change);
}

function closed({ policy, stamp }: Situation, old: Grant | undefined, { host }: CloseChange): Grant | undefined {
  const isDeclared = allowlist(policy).includes(host) || policy.routes?.routes.some((route) => route.host === host);
  const wildcard = coveringWildcard(allowlist(policy), host);
  const isReachable = wildcard !== undefined && !isInnerHop(policy);
  if (old?.kind === 'close') return old;
  if (old !== undefined && isDeclared !== true) return undefined;
  if (isReachable) {
    throw refused(
      host,
      `stays open by the declared ${wildcard}`,
      `close that one: bottle allow --remove <slug> '${wildcard}'`,
    );
  }
  if (isDeclared !== true) throw refused(host, 'is not open', 'name a host of bottle allow --show');
  const { id, ...rest } = stamp;
  return { id: id(), kind: 'close', host, ...rest };
}

/**
 * The grants after `changes`, in their order; what has expired is gone. Throws an `allow/…` error on a change that is
 * not allowed, or that the policy files cannot say.
 */
export function changedGrants(
  declared: PolicyTexts,
  grants: readonly Grant[],
  changes: readonly PolicyChange[],
  context: { readonly tokens: Tokens; readonly stamp: Stamp; readonly now: Date },
): readonly Grant[] {
  const policy = parsePolicy(declared);
  const byHost = new Map(grants.filter((one) => !isExpired(one, context.now)).map((one) => [one.host, one] as const));
  for (const change of changes) {
    const declaredHost = policy.routes?.routes.some(({ host }) => host === change.host) === true;
    if (change.kind === 'open') {
      assertValid(change, { isDeclared: declaredHost, now: context.now });
      assertExpressible(change, policy);
    }
    const old = byHost.get(change.host);
    const situation = { policy, tokens: context.tokens, stamp: context.stamp };
    const after = change.kind === 'open' ? opened(situation, old, change) : closed(situation, old, change);
    if (after === undefined) byHost.delete(change.host);
    else byHost.set(change.host, after);
  }
  return [...byHost.values()];
}
