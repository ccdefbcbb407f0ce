/**
 * What pipelock does with a request, as far as that is decided before a name is resolved: by the code of the built-in
 * scanner, which stands in its slot and answers as it does.
 */

import { METHODS } from 'node:http';
import { isIP } from 'node:net';
import { addressClass } from '../../images/sidecars/scanner/judge/address.ts';
import { judgeHeaders } from '../../images/sidecars/scanner/judge/content.ts';
import { type Authority, authorityText, parseAuthority } from '../../images/sidecars/scanner/judge/host.ts';
import { judgeHost, judgeTarget } from '../../images/sidecars/scanner/judge/target.ts';
import type { Policy } from '../../images/sidecars/scanner/policy.ts';
import { type HeaderField, isEncoded, valuesOf } from '../../images/sidecars/scanner/proxy/headers.ts';
import { type Refusal, refusal } from '../../images/sidecars/scanner/refusal.ts';
import type { Header } from './egress/index.ts';

/** A request as it arrives at pipelock. */
export interface Hop {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly hostAndPort: string;
  readonly target: string;
  readonly headers: readonly Header[];
}

export interface PipelockOutcome {
  readonly refusal?: Refusal;
  /** The refusal comes before the tunnel is open: no client sees its text, and egress translates it. */
  readonly atConnect: boolean;
  /** The one line of the refusal. */
  readonly line: string;
  readonly to?: Authority;
  readonly isPassthrough: boolean;
  /** A name that may resolve to a private address. */
  readonly isTrusted: boolean;
}

const MISMATCH = refusal('tls_authority_mismatch', 'authority mismatch');

/** As in dial.ts: a literal address is judged as one that a name resolves to. */
function addressRefusal(policy: Policy, { host }: Authority): Refusal | undefined {
  if (isIP(host) === 0) return undefined;
  const kind = addressClass(host);
  if (kind === 'public' || (kind === 'internal' && policy.trusted.has(host))) return undefined;
  return refusal('ssrf', `SSRF blocked: ${host} resolves to internal IP ${host}`);
}

function agreesOn(fields: readonly HeaderField[], to: Authority, defaultPort: number): boolean {
  const hosts = valuesOf(fields, 'host');
  const named = hosts.length === 1 ? parseAuthority(hosts[0] ?? '', defaultPort) : undefined;
  return named !== undefined && named.host === to.host && named.port === to.port;
}

/** Node asks for both headers before it takes a request for an upgrade. */
const isUpgrade = (fields: readonly HeaderField[]): boolean =>
  valuesOf(fields, 'upgrade').length > 0 &&
  valuesOf(fields, 'connection').some((value) => /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(value));

function upgradeRefusal(policy: Policy, method: string, fields: readonly HeaderField[]): Refusal | undefined {
  if (!isUpgrade(fields)) return undefined;
  const [protocol = ''] = valuesOf(fields, 'upgrade');
  const isWebSocket = method === 'GET' && protocol.trim().toLowerCase() === 'websocket';
  return isWebSocket && policy.behindEgress ? undefined : refusal('upgrade', 'protocol upgrade not allowed');
}

function bodyRefusal(policy: Policy, fields: readonly HeaderField[]): Refusal | undefined {
  const most = policy.config.request_body_scanning.max_body_bytes;
  if (isEncoded(fields)) {
    const shown = JSON.stringify(valuesOf(fields, 'content-encoding').join(', ').slice(0, 40));
    return refusal(
      'body_dlp',
      `request body uses Content-Encoding ${shown}; compressed bodies cannot be scanned for secrets`,
    );
  }
  const tooLong = valuesOf(fields, 'content-length').some((length) => Number(length) > most);
  return tooLong ? refusal('body_dlp', `request body exceeds max_body_bytes (${most})`) : undefined;
}

/** The checks of a request that is read: its place, its content as far as it is known, its destination. */
async function requestRefusal(policy: Policy, hop: Hop, to: Authority): Promise<Refusal | undefined> {
  const fields = hop.headers.map(([name, value]) => ({ name, value }));
  const origin = `${hop.scheme}://${authorityText(to)}`;
  const upgraded = isUpgrade(fields);
  // Node's parser ends the connection at a method that it does not know.
  if (!METHODS.includes(hop.method)) return refusal('parser', '400 Bad Request', 400);
  return (
    (agreesOn(fields, to, hop.scheme === 'https' ? 443 : 80) ? undefined : MISMATCH) ??
    upgradeRefusal(policy, hop.method, fields) ??
    (await judgeHost(to, policy)) ??
    (await judgeTarget(origin, hop.target)) ??
    (await judgeHeaders(fields, policy.ignoredHeaders)) ??
    (upgraded ? undefined : bodyRefusal(policy, fields)) ??
    addressRefusal(policy, to)
  );
}

function lineOf(refused: Refusal | undefined, atConnect: boolean): string {
  if (refused === undefined) return '';
  if (refused.scanner === 'parser' && refused.status === 400) return refused.reason;
  if (atConnect) return `CONNECT blocked: ${refused.reason}`;
  return refused === MISMATCH ? 'authority mismatch: blocked' : `blocked: ${refused.reason}`;
}

/** The verdict of pipelock under `policy`; a name is taken to resolve to addresses that it may have. */
export async function pipelockOutcome(policy: Policy, hop: Hop): Promise<PipelockOutcome> {
  const isTunnel = hop.scheme === 'https' || hop.method === 'CONNECT';
  const to = parseAuthority(hop.hostAndPort, isTunnel ? 443 : 80);
  const known = {
    isPassthrough: isTunnel && to !== undefined && policy.passthrough.has(to.host),
    isTrusted: to !== undefined && isIP(to.host) === 0 && policy.allowed.has(to.host) && policy.trusted.has(to.host),
    ...(to === undefined ? {} : { to }),
  };
  const outcome = (refused: Refusal | undefined, atConnect: boolean): PipelockOutcome => ({
    ...known,
    ...(refused === undefined ? {} : { refusal: refused }),
    atConnect,
    line: lineOf(refused, atConnect),
  });
  if (to === undefined) return outcome(refusal('parser', 'invalid URL'), isTunnel);
  if (isTunnel) {
    const atConnect = (await judgeHost(to, policy)) ?? addressRefusal(policy, to);
    if (atConnect !== undefined || known.isPassthrough || hop.method === 'CONNECT') return outcome(atConnect, true);
  }
  return outcome(await requestRefusal(policy, hop, to), false);
}
