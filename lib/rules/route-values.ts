/** The values of a route, judged one by one, wherever they come from: a definition, or an operator at a running bottle. */

import { isForbiddenHeader } from '../plan/index.ts';
import { decodedPath, prefixProblem } from './path-prefix.ts';

/** A token (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Printable ASCII without the colon that ends the name: what egress calls printable depends on its Unicode tables. */
const USER = /^[ -9;-~]+$/;

/** What is wrong with the `index`th of `methods`, in words that follow it, or undefined. */
export function methodProblem(methods: readonly string[], index: number): string | undefined {
  const method = methods[index] ?? '';
  const isMethod = /^[A-Z][A-Z-]{0,31}$/.test(method) && !['TRACE', 'TRACK', 'CONNECT'].includes(method);
  if (isMethod && methods.indexOf(method) === index) return undefined;
  return 'allowed: upper-case letters and hyphens, at most 32, each once, but TRACE, TRACK and CONNECT';
}

/** What is wrong with the `index`th of `ports`, in words that follow it, or undefined. */
export function portProblem(ports: readonly number[], index: number): string | undefined {
  const port = ports[index] ?? 0;
  if (Number.isInteger(port) && port >= 1 && port <= 65_535 && ports.indexOf(port) === index) return undefined;
  return 'allowed: whole numbers from 1 to 65535, each once';
}

/** What is wrong with the `index`th of `prefixes`, in words that follow it, or undefined. */
export function pathPrefixProblem(prefixes: readonly string[], index: number): string | undefined {
  const read = (prefix: string): string => decodedPath(prefix) ?? prefix;
  const prefix = prefixes[index] ?? '';
  const isTwice = prefixes.slice(0, index).some((earlier) => read(earlier) === read(prefix));
  return (
    prefixProblem(prefix) ?? (isTwice ? 'is there twice; allowed: each prefix once, however it is encoded' : undefined)
  );
}

/** What is wrong with `header` as the one that carries a credential, or undefined. */
export function authHeaderProblem(header: string): string | undefined {
  if (TOKEN.test(header) && !isForbiddenHeader(header)) return undefined;
  const problem = TOKEN.test(header) ? 'is forbidden' : 'is no header name';
  return `${problem}; allowed: any but Host, Cookie, Content-*, Proxy-*, Sec-* and hop-by-hop names`;
}

/** What is wrong with `user` of the scheme Basic, or undefined. */
export const authUserProblem = (user: string): string | undefined =>
  USER.test(user)
    ? undefined
    : 'is empty, or has a colon or a character that is not printable ASCII; allowed: a name of printable ASCII';
