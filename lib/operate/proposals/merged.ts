/** The host of a change as it stands once the change is merged with all that is open already: what an approval really opens. */

import { BottleError } from '../../errors.ts';
import { type RouteEntry, tokenSlotName } from '../../plan/index.ts';
import type { StoredBottle } from '../apply/index.ts';
import { planChanges } from '../apply/plan-change.ts';
import { type Grant, type OpenChange, type PolicyTexts, parsePolicy } from '../grants/index.ts';
import { contains, type Reach } from '../grants/reach.ts';

/** A host, open or about to be. */
interface HostState {
  /** Absent without egress, where reach has no limits. */
  readonly reach?: Reach;
  /** Name of the host variable whose value goes along. */
  readonly credential?: string;
  readonly webSocket: boolean;
  /** Taken out of pipelock's scan. */
  readonly unscanned: boolean;
  /** Milliseconds since 1970. */
  readonly end: number;
}

export interface MergedHost {
  readonly host: string;
  readonly hasEgress: boolean;
  readonly before?: HostState;
  readonly after?: HostState;
  /** The credential that something goes out with that would not before, or not so long. */
  readonly newlySent?: string;
}

type Planned = Pick<StoredBottle, 'stateDir' | 'deployed'>;

const RECORD = { who: 'preview', why: 'preview', origin: 'proposal' } as const;

const endOf = (expires: string | undefined): number =>
  expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);

const isBelow = (entry: string, host: string): boolean => entry.startsWith('*.') && host.endsWith(entry.slice(1));

function credentialOf({ auth }: RouteEntry, tokens: Planned['deployed']['tokens']): string | undefined {
  if (auth === undefined) return undefined;
  const slot = tokenSlotName(auth.slot);
  return tokens.find((token) => token.slot === slot)?.from ?? slot;
}

function stateOf(
  host: string,
  texts: PolicyTexts,
  grants: readonly Grant[],
  tokens: Planned['deployed']['tokens'],
): HostState | undefined {
  const policy = parsePolicy(texts);
  const { api_allowlist: allowed, tls_interception: tls } = policy.pipelock;
  const unscanned = tls.passthrough_domains.some((entry) => entry === host || isBelow(entry, host));
  if (policy.routes === undefined) {
    const isOpen = allowed.some((entry) => entry === host || isBelow(entry, host));
    return isOpen ? { webSocket: true, unscanned, end: Number.POSITIVE_INFINITY } : undefined;
  }
  const entry = policy.routes.routes.find((route) => route.host === host);
  if (entry !== undefined) {
    const credential = credentialOf(entry, tokens);
    return {
      reach: entry,
      ...(credential === undefined ? {} : { credential }),
      webSocket: entry.webSocket === true,
      unscanned,
      end: endOf(entry.grant?.expires),
    };
  }
  // A grant whose credential enters the bundle with the next deploy is in no file yet.
  const waiting = grants.find((grant) => grant.host === host);
  if (waiting?.kind !== 'open' || waiting.ports === undefined) return undefined;
  const { ports, methods, pathPrefixes, auth, webSocket, tlsPassthrough, expires } = waiting;
  return {
    reach: { ports, methods, pathPrefixes },
    ...(auth === undefined ? {} : { credential: auth.from }),
    webSocket: webSocket === true,
    unscanned: unscanned || tlsPassthrough === true,
    end: endOf(expires),
  };
}

/** Whether `after` sends its credential where, how or when `before` does not. */
function sendsMore(before: HostState | undefined, after: HostState): boolean {
  if (before === undefined || before.credential !== after.credential) return true;
  const isWider = before.reach !== undefined && after.reach !== undefined && !contains(before.reach, after.reach);
  return isWider || (after.webSocket && !before.webSocket) || after.end > before.end;
}

/** What `change` would make of its host in `bottle`. Throws an `allow/…` error on a change that is refused. */
export function mergedHost({ stateDir, deployed }: Planned, change: OpenChange): MergedHost {
  const { host } = change;
  const plan = planChanges({ stateDir, deployed }, [change], RECORD, new Date());
  const before = stateOf(host, plan.before, plan.grants.before, deployed.tokens);
  const after = stateOf(host, plan.after, plan.grants.after, deployed.tokens);
  const isSent = after?.credential !== undefined && sendsMore(before, after);
  return {
    host,
    hasEgress: plan.after.routes !== undefined,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(isSent ? { newlySent: after.credential } : {}),
  };
}

/** The credential that goes with what `change` opens although it names none. */
export function carriedCredential(bottle: Planned, { auth: _, ...bare }: OpenChange): string | undefined {
  try {
    return mergedHost(bottle, bare).newlySent;
  } catch (error) {
    // Refused without its credential; with it, it is judged by itself.
    if (error instanceof BottleError) return undefined;
    throw error;
  }
}

/** Throws unless `named` is the credential that `change` sends where it was not sent so far. */
export function assertCredentialNamed(bottle: Planned, change: OpenChange, named: string | undefined): void {
  const { newlySent } = mergedHost(bottle, change);
  if (newlySent === undefined || newlySent === named) return;
  throw new BottleError(
    'supervise/credential-not-named',
    `${change.host} already gets the credential ${newlySent}, and what this opens gets it too`,
    { fix: `add --credential ${newlySent} to send it there as well, or reject the proposal`, exitCode: 2 },
  );
}
