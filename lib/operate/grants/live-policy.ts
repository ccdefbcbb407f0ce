/** The policy that a bottle runs: what its definition declares, with the live grants merged in. */

import { NO_HOST, type RouteAuthEntry, type RouteEntry } from '../../plan/index.ts';
import { yamlText } from '../../render/yaml.ts';
import { allowlist, isInnerHop, type Policy, type PolicyTexts, parsePolicy } from './declared.ts';
import type { Grant, GrantAuth, OpenGrant } from './model.ts';
import { grantedReach, type Reach, union } from './reach.ts';

/** Which host variable fills which slot of egress, as deployed. */
export type Tokens = readonly { readonly slot: string; readonly from: string }[];

export interface LivePolicy extends PolicyTexts {
  /** Grants that wait for the next deploy, which gives their credential a slot. */
  readonly deferred: readonly OpenGrant[];
}

const SLOT_NAME = /^EGRESS_TOKEN_(\d+)$/;

/** The slot that the credential `from` fills in the running bundle, if it does. */
export function slotOf(tokens: Tokens, from: string): number | undefined {
  const slot = tokens.find((token) => token.from === from)?.slot;
  return slot === undefined ? undefined : Number(SLOT_NAME.exec(slot)?.[1]);
}

export const isExpired = (grant: Grant, now: Date): boolean =>
  grant.kind === 'open' && grant.expires !== undefined && Date.parse(grant.expires) <= now.getTime();

function authEntry({ scheme, from, header, user }: GrantAuth, tokens: Tokens): RouteAuthEntry | undefined {
  const slot = slotOf(tokens, from);
  if (slot === undefined) return undefined;
  return { scheme, slot, ...(header === undefined ? {} : { header }), ...(user === undefined ? {} : { user }) };
}

/** The entry of a host that is wholly granted; keys in the order of the renderers. */
function grantedEntry(grant: OpenGrant, { ports, methods, pathPrefixes }: Reach, tokens: Tokens): RouteEntry {
  const auth = grant.auth === undefined ? undefined : authEntry(grant.auth, tokens);
  return {
    host: grant.host,
    ports,
    ...(methods === undefined ? {} : { methods }),
    ...(pathPrefixes === undefined ? {} : { pathPrefixes }),
    ...(auth === undefined ? {} : { auth }),
    ...(grant.webSocket === undefined ? {} : { webSocket: true as const }),
    grant: { id: grant.id, ...(grant.expires === undefined ? {} : { expires: grant.expires }) },
  };
}

/** A declared entry with what is granted beyond it. It carries no grant: egress would end all of it at its expiry. */
function extendedEntry(declared: RouteEntry, grant: OpenGrant, tokens: Tokens): RouteEntry {
  const { host, auth = grant.auth === undefined ? undefined : authEntry(grant.auth, tokens), webSocket } = declared;
  const more = grantedReach(grant);
  const reach = (more === undefined ? undefined : union(declared, more)) ?? declared;
  return {
    host,
    ports: reach.ports,
    ...(reach.methods === undefined ? {} : { methods: reach.methods }),
    ...(reach.pathPrefixes === undefined ? {} : { pathPrefixes: reach.pathPrefixes }),
    ...(auth === undefined ? {} : { auth }),
    ...(webSocket === true || grant.webSocket === true ? { webSocket: true as const } : {}),
  };
}

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

function liveRoutes({ routes }: Policy, grants: readonly Grant[], tokens: Tokens): RouteEntry[] {
  const declared = routes?.routes ?? [];
  const byHost = new Map(grants.map((grant) => [grant.host, grant]));
  const kept = declared.flatMap((entry) => {
    const grant = byHost.get(entry.host);
    if (grant === undefined) return [entry];
    return grant.kind === 'close' ? [] : [extendedEntry(entry, grant, tokens)];
  });
  const hosts = new Set(declared.map(({ host }) => host));
  const granted = grants.flatMap((grant) => {
    const reach = grant.kind === 'open' ? grantedReach(grant) : undefined;
    return grant.kind === 'open' && reach !== undefined && !hosts.has(grant.host)
      ? [grantedEntry(grant, reach, tokens)]
      : [];
  });
  return [...kept, ...granted];
}

function livePipelock(policy: Policy, grants: readonly Grant[]): Policy['pipelock'] {
  const { pipelock } = policy;
  const opened = grants.filter((grant) => grant.kind === 'open');
  const closed = new Set(grants.flatMap(({ kind, host }) => (kind === 'close' ? [host] : [])));
  const allowed = distinct([
    ...allowlist(policy).filter((host) => !closed.has(host)),
    ...opened.map(({ host }) => host),
  ]);
  const injected = isInnerHop(policy) ? opened.flatMap(({ auth }) => auth?.header?.toLowerCase() ?? []) : [];
  const spliced = opened.flatMap(({ host, tlsPassthrough }) => (tlsPassthrough === true ? [host] : []));
  const { tls_interception: tls, request_body_scanning: body } = pipelock;
  // A closed host stays trusted, unscanned or ignored as declared: it is reached by nobody, and reopens without a restart.
  return {
    ...pipelock,
    api_allowlist: allowed.length === 0 ? [NO_HOST] : allowed,
    tls_interception: { ...tls, passthrough_domains: distinct([...tls.passthrough_domains, ...spliced]) },
    request_body_scanning: { ...body, ignore_headers: distinct([...body.ignore_headers, ...injected]) },
  };
}

/**
 * The texts of the live `routes.yaml` and `pipelock.yaml`. Without grants they are the declared ones, byte for byte.
 * Grants that have expired count as gone, those without a slot for their credential wait.
 */
export function withGrants(
  declared: PolicyTexts,
  grants: readonly Grant[],
  tokens: Tokens,
  now: Date = new Date(),
): LivePolicy {
  const current = grants.filter((grant) => !isExpired(grant, now));
  const deferred = current.filter(
    (grant): grant is OpenGrant =>
      grant.kind === 'open' && grant.auth !== undefined && slotOf(tokens, grant.auth.from) === undefined,
  );
  const inForce = current.filter((grant) => !deferred.some(({ id }) => id === grant.id));
  if (inForce.length === 0) return { ...declared, deferred };
  const policy = parsePolicy(declared);
  return {
    ...(policy.routes === undefined
      ? {}
      : { routes: yamlText({ ...policy.routes, routes: liveRoutes(policy, inForce, tokens) }) }),
    pipelock: yamlText(livePipelock(policy, inForce)),
    deferred,
  };
}
