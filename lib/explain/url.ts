/** A URL as it is spelled: no dot segment is resolved, no escape decoded, no address rewritten. */

import { domainToASCII } from 'node:url';
import { BottleError } from '../errors.ts';
import { quoted } from '../plan/index.ts';
import { withoutCredentials } from '../plan/secrets.ts';

export interface SpelledUrl {
  readonly scheme: 'http' | 'https';
  /** `ws:` or `wss:`: the client asks for a WebSocket. */
  readonly isWebSocket: boolean;
  /** As sent: ASCII, in the case in which it is spelled; IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  readonly isDefaultPort: boolean;
  /** Path and query as sent. */
  readonly target: string;
  /** User name and password. */
  readonly userInfo?: string;
  /** How this differs from what was typed. */
  readonly notes: readonly string[];
}

const URL_FORM = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^#]*)(#.*)?$/su;
const HOST_AND_PORT = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(\d*))?$/u;
const SCHEMES: Readonly<Record<string, 'http' | 'https'>> = { http: 'http', https: 'https', ws: 'http', wss: 'https' };
const DEFAULT_PORT = { http: 80, https: 443 } as const;

/** `url` for messages and reports: without its password, and without what is recognized as a credential. */
export const shownUrl = (url: string): string => withoutCredentials(url.replace(/^([^/?#]*\/\/)[^/?#]*@/u, '$1***@'));

function malformed(url: string, problem: string, fix: string): BottleError {
  return new BottleError('usage/url', `the URL ${quoted(shownUrl(url))} ${problem}`, { fix, exitCode: 2 });
}

function withoutScheme(url: string): BottleError {
  const isScp = /^[^/\s]+@[^/\s]+:/.test(url);
  const fix = isScp
    ? 'ask about git with: bottle explain <slug> git push <remote> <ref>'
    : `write for example https://${url.replace(/^[:/]+/, '')}`;
  return malformed(url, 'has no scheme; allowed: http, https, ws and wss URLs', fix);
}

function portOf(url: string, digits: string | undefined, scheme: 'http' | 'https'): number {
  if (digits === undefined || digits === '') return DEFAULT_PORT[scheme];
  const port = Number(digits);
  if (port >= 1 && port <= 65_535) return port;
  throw malformed(url, `has the port ${digits.slice(0, 12)}; allowed: 1 to 65535`, 'correct the port');
}

function hostOf(url: string, spelled: string, notes: string[]): string {
  if (spelled.includes('%')) {
    throw malformed(url, 'has a percent sign in its host; clients decode it, or refuse it', 'write the host plainly');
  }
  if (/^[\x21-\x7e]+$/.test(spelled)) return spelled;
  const ascii = domainToASCII(spelled);
  if (ascii === '') throw malformed(url, 'has a host that no client can send', 'write it in ASCII (punycode)');
  notes.push(`clients send ${ascii} for ${spelled}`);
  return ascii;
}

function targetOf(spelled: string, fragment: string | undefined, notes: string[]): string {
  if (fragment !== undefined) notes.push('what follows # stays in the client');
  const absolute = spelled.startsWith('/') ? spelled : `/${spelled}`;
  const ascii = absolute.replace(/[^\0-\x7f]+/gu, encodeURIComponent);
  if (ascii !== absolute) {
    notes.push('judged percent-encoded, as most clients send it; raw bytes outside ASCII are refused (rule path)');
  }
  return ascii;
}

/** The parts of `url`. Throws a usage error on what no client could send. */
export function spelledUrl(url: string): SpelledUrl {
  if (/[\s\p{C}]/u.test(url)) {
    const problem = 'has white space or a control character';
    throw malformed(url, problem, 'percent-encode it, as %20 for a space');
  }
  const [, word = '', authority = '', rest = '', fragment] = URL_FORM.exec(url) ?? [];
  const scheme = SCHEMES[word.toLowerCase()];
  if (word === '') throw withoutScheme(url);
  if (scheme === undefined) {
    const fix = /ssh|git/i.test(word)
      ? 'ask about git with: bottle explain <slug> git push <remote> <ref>'
      : 'ask about an http or https URL; the agent reaches nothing else';
    throw malformed(url, `has the scheme ${word}; allowed: http, https, ws and wss`, fix);
  }
  const notes: string[] = [];
  const at = authority.lastIndexOf('@');
  const [, host, digits] = HOST_AND_PORT.exec(authority.slice(at + 1)) ?? [];
  if (host === undefined) {
    throw malformed(url, 'has no plain host[:port]', 'write the host, as in https://docs.example.org/');
  }
  const port = portOf(url, digits, scheme);
  if (at !== -1) notes.push('clients send the user name and password of a URL as Authorization: Basic');
  return {
    scheme,
    isWebSocket: word.toLowerCase().startsWith('ws'),
    host: hostOf(url, host, notes),
    port,
    isDefaultPort: port === DEFAULT_PORT[scheme],
    target: targetOf(rest, fragment, notes),
    ...(at === -1 ? {} : { userInfo: authority.slice(0, at) }),
    notes,
  };
}
