/** Path prefixes of routes, judged as egress judges them (canonical_path in images/sidecars/egress/canonical.py). */

/** The percent-decoded path, or undefined if its bytes are not UTF-8 or an escape is incomplete. */
export function decodedPath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Whether `path` is `prefix` or below it, both as they are: prefixes match at segment boundaries (domain §5). */
export const isBelowPrefix = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);

/** Marks, spaces, fillers: without a glyph of their own, so some server drops them. */
const visible = (segment: string): string => segment.replace(/[\p{C}\p{M}\p{Z}\u115f\u1160\u3164\uffa0]/gu, '');

/** Whether some server reads a segment as `.` or `..`: compatibility forms are folded, parameters cut off. */
const hasDotSegment = (folded: string): boolean =>
  folded.split('/').some((segment) => ['.', '..'].includes(visible(segment.split(';')[0] ?? '')));

const slashes = (path: string): number => path.split('/').length;

/** What is wrong with a path prefix: egress compares canonical paths, so only a canonical one can ever match. */
export function prefixProblem(prefix: string): string | undefined {
  if (!prefix.startsWith('/')) return 'is not absolute; allowed: a path that begins with a slash';
  if (/[?#]/.test(prefix)) return 'has a query or fragment; allowed: a path';
  if (/[\\\s\p{Cc}]/u.test(prefix)) return 'has a backslash, white space or control character; allowed: a path';
  if (/[^\0-\x7f]/.test(prefix)) return 'is not in ASCII; allowed: percent-encoded UTF-8';
  if (prefix.includes('//')) return 'has an empty segment; allowed: single slashes';
  if (/%(?![0-9a-f]{2})/i.test(prefix)) return 'has a stray percent sign; allowed: percent-encoded bytes';
  if (/%(?:2f|5c|2e|25|3f|[01][0-9a-f]|7f)/i.test(prefix)) {
    return 'has an encoded slash, backslash, dot, percent sign, question mark or control character; allowed: the path that it stands for';
  }
  const path = decodedPath(prefix);
  if (path === undefined) return 'is not UTF-8 once decoded; allowed: percent-encoded UTF-8';
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(path)) {
    return 'has an encoded control, format or separator character; allowed: characters that can be seen';
  }
  const folded = path.normalize('NFKC');
  if (slashes(folded) !== slashes(path) || folded.includes('\\')) {
    return 'has a character that some servers read as a slash; allowed: plain slashes';
  }
  return hasDotSegment(folded) ? 'has a dot segment; allowed: the path that it stands for' : undefined;
}
