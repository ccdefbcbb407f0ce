/**
 * Canonical forms of authorities, header names and paths, and what has none: images/sidecars/egress/canonical.py in
 * TypeScript, held to it by the same vectors and by generated requests. Each character of a text stands for one byte.
 */

const AUTHORITY = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,255})(?::([1-9][0-9]{0,4}))?$/;
const HOST = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
const BEYOND_ASCII = /[^\0-\x7f]/;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const WITHOUT_GLYPH = /[\p{C}\p{M}\p{Z}\u115f\u1160\u3164\uffa0]/gu;
const UNQUOTE_ROUNDS = 5;
const RECEIVE_PACK = 'git-receive-pack';

/** What Python takes off with `strip()`, of the characters that stand for one byte. */
function isEdge(code: number): boolean {
  return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code === 0x85 || code === 0xa0;
}

export function stripped(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isEdge(text.charCodeAt(start))) start += 1;
  while (end > start && isEdge(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

export interface CanonicalAuthority {
  /** Lower case; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Host and port of `host[:port]`, or undefined where it is anything else (user info, spaces, lists). */
export function canonicalAuthority(text: string): CanonicalAuthority | undefined {
  if (BEYOND_ASCII.test(text)) return undefined;
  const [, host, digits] = AUTHORITY.exec(text.toLowerCase()) ?? [];
  if (host === undefined) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  return port !== undefined && port > 65_535 ? undefined : { host, port };
}

/** Whether `text` is a DNS name or dotted IPv4 address as a route spells it. */
export const isCanonicalHost = (text: string): boolean => HOST.test(text);

/** A header's or field's name as servers compare it: any sign counts as a hyphen. */
export const canonicalName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');

/** Path and query of a request target; the query without its question mark. */
export function splitTarget(target: string): readonly [path: string, query: string] {
  const at = target.indexOf('?');
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

/** The one reading of a path, or why it has none. */
export type CanonicalPath = { readonly path: string } | { readonly problem: string };

const unquotedBytes = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

function asUtf8(bytes: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

const count = (text: string, sign: string): number => text.split(sign).length - 1;

/** Compatibility forms are folded as some servers fold them; what follows a semicolon is a parameter to some. */
function dotSegmentProblem(path: string): string | undefined {
  const folded = path.normalize('NFKC');
  if (count(folded, '/') !== count(path, '/') || folded.includes('\\')) {
    return 'the path has a character that some servers read as a slash';
  }
  const isDots = (segment: string): boolean =>
    ['.', '..'].includes((segment.split(';')[0] ?? '').replace(WITHOUT_GLYPH, ''));
  return folded.split('/').some(isDots) ? 'the path has a dot segment' : undefined;
}

function rawProblem(raw: string): string | undefined {
  if (!raw.startsWith('/')) return 'the path is not absolute';
  if (!/^[\x21-\x7e]*$/.test(raw)) return 'the path has a space, a control character or a byte outside ASCII';
  if (/[\\#]/.test(raw)) return 'the path has a backslash or a fragment';
  if (/%(?![0-9a-f]{2})/i.test(raw)) return 'the path has an incomplete percent escape';
  if (/%(?:2f|5c)/i.test(raw)) return 'the path has an encoded slash or backslash';
  return /%25[0-9a-f]{2}/i.test(raw) ? 'the path is percent-encoded twice' : undefined;
}

/** The percent-decoded path, of which there is exactly one reading, or the problem that egress names. */
export function canonicalPath(raw: string): CanonicalPath {
  const asSent = rawProblem(raw);
  if (asSent !== undefined) return { problem: asSent };
  const path = asUtf8(unquotedBytes(raw));
  if (path === undefined) return { problem: 'the decoded path is not UTF-8' };
  if (INVISIBLE.test(path)) return { problem: 'the path has an encoded control, format or separator character' };
  const problem = dotSegmentProblem(path);
  return problem === undefined ? { path } : { problem };
}

/** Whether canonical `path` is `prefix` or below it, at a segment boundary. */
export const isBelow = (path: string, prefix: string): boolean =>
  prefix.endsWith('/') ? path.startsWith(prefix) : path === prefix || path.startsWith(`${prefix}/`);

/** `text` in lower case, percent-decoded until nothing changes: for spotting a word however it is spelled. */
export function fullyUnquoted(text: string): string {
  let current = text;
  for (let round = 0; round < UNQUOTE_ROUNDS; round += 1) {
    const decoded = unquotedBytes(current);
    if (decoded === current) break;
    current = decoded;
  }
  return current.toLowerCase();
}

/** Whether `target` is a step of git's push over HTTP, in any spelling. */
export function isGitPush(target: string): boolean {
  const [path, query] = splitTarget(target);
  const [pathPart, hiddenQuery] = splitTarget(fullyUnquoted(path).replaceAll('\\', '/'));
  const segments = pathPart.split('/').map((segment) => stripped(segment.split(';')[0] ?? ''));
  if (segments.includes(RECEIVE_PACK)) return true;
  const queries = `${fullyUnquoted(query)}&${hiddenQuery}`;
  return queries.includes(RECEIVE_PACK) && segments.includes('info') && segments.includes('refs');
}
