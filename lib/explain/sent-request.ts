/** A question as a client puts it to its proxy. */

import { isIPv4 } from 'node:net';
import { BottleError } from '../errors.ts';
import { quoted } from '../plan/index.ts';
import type { EgressRequest, Header } from './egress/index.ts';
import { canonicalName } from './egress/index.ts';
import type { RequestQuestion } from './types.ts';
import { type SpelledUrl, spelledUrl } from './url.ts';

export interface SentRequest extends EgressRequest {
  readonly url: SpelledUrl;
  /** `host:port`, as a tunnel is asked for. */
  readonly hostAndPort: string;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function usage(message: string, fix: string): BottleError {
  return new BottleError('usage/request', message, { fix, exitCode: 2 });
}

/** `Name: value` as a header. Throws a usage error; its text never shows the value. */
export function headerOf(text: string): Header {
  const at = text.indexOf(':');
  const [name, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1).trim()];
  if (at < 1 || !TOKEN.test(name)) {
    const shown = at < 1 ? 'it' : quoted(name);
    throw usage(
      `--header: ${shown} is not of the form 'Name: value'`,
      "write for example --header 'Accept: text/html'",
    );
  }
  if (/(?!\t)\p{Cc}/u.test(value)) throw usage(`--header ${name}: a control character`, 'leave it out');
  return [name, Buffer.from(value, 'utf8').toString('latin1')];
}

function methodOf(method: string): string {
  if (TOKEN.test(method)) return method;
  throw usage(`the method ${quoted(method)} is none that HTTP can carry`, 'write for example GET');
}

/** The headers that a WebSocket client adds (RFC 6455 §4.1). */
const WEB_SOCKET: readonly Header[] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
];

function headersOf({ host, port, isDefaultPort, userInfo, isWebSocket }: SpelledUrl, own: readonly Header[]): Header[] {
  const has = (wanted: string): boolean => own.some(([name]) => canonicalName(name) === wanted);
  const upgrades = isWebSocket ? WEB_SOCKET.filter(([name]) => !has(canonicalName(name))) : [];
  const connection: Header[] = has('upgrade') && !has('connection') ? [['Connection', 'Upgrade']] : [];
  const basic = Buffer.from(userInfo ?? '', 'utf8').toString('base64');
  return [
    ...(has('host') ? [] : [['Host', isDefaultPort ? host : `${host}:${port}`] as const]),
    ...(userInfo === undefined || has('authorization') ? [] : [['Authorization', `Basic ${basic}`] as const]),
    ...own,
    ...connection,
    ...upgrades,
  ];
}

/** TLS names no address (RFC 6066 §3), and a name without its final dot. */
const serverName = (host: string): string | null =>
  isIPv4(host) || host.startsWith('[') ? null : host.replace(/\.$/, '');

/** The request that a client sends to its proxy over HTTP/1.1, inside a tunnel for an https URL. */
export function sentRequest({ method, url: spelled, headers }: RequestQuestion): SentRequest {
  const url = spelledUrl(spelled);
  const hostAndPort = `${url.host}:${url.port}`;
  const isTunnelled = url.scheme === 'https' || method === 'CONNECT';
  return {
    url,
    hostAndPort,
    method: methodOf(method),
    target: url.target,
    headers: headersOf(url, headers),
    scheme: url.scheme,
    connect: isTunnelled ? hostAndPort : null,
    sni: isTunnelled ? serverName(url.host) : null,
    authority: isTunnelled ? null : url.isDefaultPort ? url.host : hostAndPort,
    http2: false,
  };
}
