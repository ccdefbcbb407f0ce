/** From a proposal, and what the operator says to it, to the change that is made. */

import { isDeepStrictEqual } from 'node:util';
import { hostProblem } from '../../../images/sidecars/supervise/host.ts';
import type { Proposal } from '../../../images/sidecars/supervise/proposal.ts';
import { BottleError } from '../../errors.ts';
import { type AuthScheme, quoted } from '../../plan/index.ts';
import type { Policy } from '../grants/index.ts';
import type { GrantAuth, OpenChange } from '../grants/model.ts';
import { refusedRequest } from './refused-request.ts';

/** A proposal that asks for reach. */
export type ReachProposal = Extract<Proposal, { tool: 'egress-block' | 'pipelock-block' }>;

/** What an operator says beyond yes; each takes the place of what the proposal asks for. */
export interface Terms {
  readonly host?: string;
  readonly ports?: readonly number[];
  readonly methods?: readonly string[];
  readonly pathPrefixes?: readonly string[];
  /** Name of the host variable; without it no credential is attached, whatever the proposal asks for. */
  readonly credential?: string;
  readonly scheme?: AuthScheme;
  readonly header?: string;
  readonly user?: string;
  readonly tlsPassthrough?: boolean;
  readonly webSocket?: boolean;
  /** ISO 8601 instant. */
  readonly expires?: string;
}

export interface Decision {
  readonly change: OpenChange;
  /** `approved` if it is what the proposal asks for, to the letter. */
  readonly status: 'approved' | 'modified';
  /** The credential that the operator named: what may go where it did not go before. */
  readonly credential?: string;
}

const usage = (code: string, message: string, fix: string): BottleError =>
  new BottleError(code, message, { fix, exitCode: 2 });

/** What an egress-block asks for. A host that is open in part is asked for whole unless paths are named. */
function egressAsk({ arguments: asked }: Extract<Proposal, { tool: 'egress-block' }>, policy: Policy): OpenChange {
  const isOpen = policy.routes?.routes.some(({ host }) => host === asked.host) === true;
  const paths = asked.pathPrefixes ?? (isOpen ? ['/'] : undefined);
  const { auth } = asked;
  return {
    kind: 'open',
    host: asked.host,
    ...(paths === undefined ? {} : { pathPrefixes: paths }),
    ...(auth === undefined ? {} : { auth: authOf(auth.tokenFrom, auth.scheme, auth.header, auth.user) }),
  };
}

function authOf(from: string, scheme: AuthScheme, header?: string, user?: string): GrantAuth {
  return { scheme, from, ...(header === undefined ? {} : { header }), ...(user === undefined ? {} : { user }) };
}

/** What `proposal` asks for, as a change of `policy`; with `terms` where it takes those to have one. */
function askedChange(proposal: ReachProposal, terms: Terms, policy: Policy): OpenChange {
  if (proposal.tool === 'egress-block') return egressAsk(proposal, policy);
  const refused = refusedRequest(proposal.arguments.failed_url, policy);
  if (refused.by === 'allowlist') return refused.change;
  if (refused.by === 'path') {
    if (terms.pathPrefixes === undefined) throw pathError(refused.change.host, refused.problem);
    return refused.change;
  }
  const scanOff = unscanned(proposal, terms);
  if (scanOff === undefined) throw scanError(proposal);
  return scanOff;
}

/** The host of `proposal` with its scan switched off; the one thing that helps against pipelock's scan. */
function unscanned(proposal: ReachProposal, terms: Terms): OpenChange | undefined {
  if (proposal.tool !== 'pipelock-block' || terms.tlsPassthrough !== true) return undefined;
  return { kind: 'open', host: new URL(proposal.arguments.failed_url).hostname, tlsPassthrough: true };
}

/** pipelock knows hosts alone, so "every path" is what it does anyway. */
function withoutEgress(change: OpenChange): OpenChange {
  const { pathPrefixes, ...rest } = change;
  return pathPrefixes?.includes('/') === true ? rest : change;
}

function authFrom({ auth }: OpenChange, terms: Terms): GrantAuth | undefined {
  const { credential, scheme, header, user } = terms;
  if (credential === undefined) {
    const [stray] = Object.entries({ scheme, header, user }).flatMap(([key, value]) =>
      value === undefined ? [] : key,
    );
    if (stray === undefined) return undefined;
    throw usage(
      'supervise/no-credential',
      `--${stray} says how a credential is sent, and none is named`,
      'add --credential',
    );
  }
  const chosen = scheme ?? auth?.scheme ?? 'Bearer';
  const isAsAsked = chosen === auth?.scheme;
  return authOf(
    credential,
    chosen,
    header ?? (isAsAsked ? auth.header : undefined),
    user ?? (isAsAsked ? auth.user : undefined),
  );
}

function isModified(asked: OpenChange, change: OpenChange): boolean {
  const plain = (one: OpenChange): unknown => JSON.parse(JSON.stringify(one));
  return !isDeepStrictEqual(plain(asked), plain(change));
}

/** Never approvable, whatever the flags: checked here again, by spelling alone, for the queue is only a file. */
function assertHost(host: string): void {
  const problem = hostProblem(host);
  if (problem === undefined) return;
  throw usage('supervise/invalid-host', `${quoted(host)} ${problem}`, 'this cannot be approved; reject it');
}

/**
 * The change that an approval of `proposal` on `terms` makes. With `exactly`, as for `--approve`, it has to be what was
 * asked for: throws where a credential has to be named, where nothing can be opened, and where the terms say otherwise.
 * `carried` is the credential that the host has already; naming that one changes nothing about how it is sent.
 */
export function decide(
  proposal: ReachProposal,
  terms: Terms,
  policy: Policy,
  exactly: boolean,
  carried?: string,
): Decision {
  const base = askedChange(proposal, terms, policy);
  const { auth: _auth, ...rest } = base;
  const auth = isCarried(base, terms, exactly, carried) ? undefined : authFrom(base, terms);
  const { host, ports, methods, pathPrefixes, tlsPassthrough, webSocket, expires } = terms;
  const named: OpenChange = {
    ...rest,
    ...(host === undefined ? {} : { host: host.toLowerCase() }),
    ...(ports === undefined ? {} : { ports }),
    ...(methods === undefined ? {} : { methods: methods.map((method) => method.toUpperCase()) }),
    ...(pathPrefixes === undefined ? {} : { pathPrefixes }),
    ...(tlsPassthrough === true ? { tlsPassthrough } : {}),
    ...(webSocket === true ? { webSocket } : {}),
    ...(expires === undefined ? {} : { expires }),
    ...(auth === undefined ? {} : { auth }),
  };
  const change = policy.routes === undefined ? withoutEgress(named) : named;
  assertHost(change.host);
  const status = isModified(policy.routes === undefined ? withoutEgress(base) : base, change) ? 'modified' : 'approved';
  if (exactly && status === 'modified') throw notExactly(base, change);
  return { change, status, ...(terms.credential === undefined ? {} : { credential: terms.credential }) };
}

/** Whether the credential that `terms` name is the one that goes along anyway, and in no other way. */
function isCarried({ auth }: OpenChange, terms: Terms, exactly: boolean, carried: string | undefined): boolean {
  const { credential, scheme, header, user } = terms;
  const isOtherwise = scheme !== undefined || header !== undefined || user !== undefined;
  return carried !== undefined && credential === carried && !isOtherwise && (auth === undefined || !exactly);
}

const pathError = (host: string, problem: string): BottleError =>
  usage(
    'supervise/path-not-canonical',
    `the path of the refused request ${problem}; no path prefix can name it, and nothing narrower than all of ${host} would let it through`,
    'reject it with a note; or take --modify with --path-prefix, which opens what lies below that',
  );

function scanError(proposal: ReachProposal): BottleError {
  const host = proposal.tool === 'pipelock-block' ? new URL(proposal.arguments.failed_url).hostname : '';
  return usage(
    'supervise/scan-refused',
    `${host} is open to this request already: pipelock's scan of its content refused it, or one of its limits, which no approval can lift for one request`,
    'reject it with a note; or take the whole host out of the scan with --tls-passthrough, after which nothing that is sent there is looked at',
  );
}

function notExactly(asked: OpenChange, change: OpenChange): BottleError {
  if (asked.auth !== undefined && change.auth === undefined) {
    const name = asked.auth.from;
    return usage(
      'supervise/credential-not-named',
      `the proposal asks for the credential ${name} on ${asked.host}`,
      `add --credential ${name} to send it there, or take --modify to open the host without it`,
    );
  }
  return usage(
    'supervise/not-as-asked',
    'this is not what the proposal asks for',
    'take --modify, which tells the agent so',
  );
}
