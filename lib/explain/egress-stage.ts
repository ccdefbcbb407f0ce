/** What egress as a whole does with a request: mitmproxy's own checks before the addon's rules, and after them. */

import { domainToASCII } from 'node:url';
import { type EgressPolicy, type EgressVerdict, type Header, judge, judgeConnect } from './egress/index.ts';
import type { SentRequest } from './sent-request.ts';

export interface EgressOutcome extends EgressVerdict {
  readonly status: number;
}

/** A label that mitmproxy takes in a host name (its net/check.py). */
const LABEL = /^[A-Za-z0-9_-]{1,63}$/;
const IPV6 = /^\[[0-9A-Fa-f:.]+\]$/;
/** What begins like a request of HTTP/1 to guards.py. */
const METHOD = /^[A-Za-z-]{1,32}$/;
const LENGTH = /^(?:0|[1-9][0-9]*)$/;
const CHUNKED = /^(?:(?:compress|deflate|gzip)[\t ]*,[\t ]*)?chunked$/i;

const refused = (rule: string, reason: string, status: number): EgressOutcome => ({
  action: 'refuse',
  rule,
  reason,
  status,
  tool: null,
  host: '',
  port: 0,
  path: '',
  deleted: [],
  grant: null,
  webSocket: false,
});

const malformed = (): EgressOutcome => refused('malformed', 'this is not a well-formed HTTP request', 400);

function isReadableHost(host: string): boolean {
  if (IPV6.test(host)) return true;
  const labels = host.replace(/\.$/, '').split('.');
  const isPunycode = (label: string): boolean => !/^xn--/i.test(label) || domainToASCII(label) !== '';
  return host.length <= 255 && labels.every((label) => LABEL.test(label) && isPunycode(label));
}

const valuesOf = (headers: readonly Header[], wanted: string): readonly string[] =>
  headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value.trim()] : []));

/** Framing that mitmproxy's parser refuses (its net/http/validate.py), or that the addon would not understand. */
function framingRefusal(headers: readonly Header[]): EgressOutcome | undefined {
  const [lengths, codings] = [valuesOf(headers, 'content-length'), valuesOf(headers, 'transfer-encoding')];
  if (lengths.length + codings.length > 1) return malformed();
  if (lengths.some((length) => !LENGTH.test(length))) return malformed();
  if (codings.some((coding) => !CHUNKED.test(coding))) return malformed();
  if (codings.every((coding) => coding.toLowerCase() === 'chunked')) return undefined;
  return refused('malformed', 'no transfer coding but chunked is understood here', 403);
}

function beforeTheRules(request: SentRequest): EgressOutcome | undefined {
  if (!METHOD.test(request.method)) return refused('raw', 'only HTTP, over TLS, may be spoken in a tunnel', 403);
  if (request.connect === null && !isReadableHost(request.url.host)) return malformed();
  return framingRefusal(request.headers);
}

const withStatus = (verdict: EgressVerdict): EgressOutcome => ({
  ...verdict,
  status: verdict.action === 'refuse' ? 403 : 200,
});

/** The verdict of egress at `now` (Unix milliseconds), every credential taken for set and no grant for used. */
export function egressOutcome(policy: EgressPolicy, request: SentRequest, now: number): EgressOutcome {
  if (request.connect !== null) {
    if (!isReadableHost(request.url.host)) return malformed();
    const tunnel = judgeConnect(policy, request.connect, [request.connect], now);
    if (tunnel.action === 'refuse' || request.method === 'CONNECT') return withStatus(tunnel);
  }
  const early = beforeTheRules(request);
  if (early !== undefined) return early;
  const verdict = judge(policy, request, { filled: () => true, now, used: {} });
  const [length = '0'] = valuesOf(request.headers, 'content-length');
  if (verdict.action !== 'allow' || Number(length) <= policy.maxBodyBytes) return withStatus(verdict);
  const reason = `the request body is over the scan limit of ${policy.maxBodyBytes} bytes`;
  return { ...verdict, action: 'refuse', rule: 'body', reason, status: 403 };
}

/** The body of a refusal of egress (answers.py): a line for people, then a line of JSON. */
export function refusalBody({ rule, reason, tool }: Pick<EgressVerdict, 'rule' | 'reason' | 'tool'>): string {
  const [id, why, ask] = [rule, reason, tool].map((value) => JSON.stringify(value));
  return `egress: ${reason}\n{"rule": ${id}, "reason": ${why}, "tool": ${ask}}\n`;
}
