/**
 * Percent encoding, quoted-printable, string escapes and character references, decoded byte by byte: a body may consist
 * of nothing else, and a callback for each would cost more memory than the body.
 */

const SHORT_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['/', 47],
  ['"', 34],
  ["'", 39],
  ['\\', 92],
]);
const ESCAPE = /\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|0?([0-3][0-7]{2}))/y;
const REFERENCE = /&#(?:([0-9]{1,7})|[xX]([0-9A-Fa-f]{1,6}));?/y;
/** Spaces before a soft line break that are none of the text. */
const MAX_PADDING = 80;
/** Words on either side that may belong to what is decoded: a private key begins with a line of four. */
const CONTEXT = 6;

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** The decoded character of an encoding and its length, where one stands. */
interface Marked {
  readonly code: number;
  readonly length: number;
}

/** Nothing, as long as a soft line break is. */
const softBreak = (length: number): Marked => ({ code: -1, length });

function hexPair(text: string, at: number): Marked | undefined {
  const [high, low] = [hexDigit(text.charCodeAt(at + 1)), hexDigit(text.charCodeAt(at + 2))];
  return high < 0 || low < 0 ? undefined : { code: high * 16 + low, length: 3 };
}

/** RFC 2045 section 6.7: `=XX`, and `=` at the end of a line that goes on. */
function quotedAt(text: string, at: number): Marked | undefined {
  const pair = hexPair(text, at);
  if (pair !== undefined) return pair;
  let end = at + 1;
  while (end - at < MAX_PADDING && (text[end] === ' ' || text[end] === '\t')) end += 1;
  if (text[end] === '\r') end += 1;
  return text[end] === '\n' ? softBreak(end + 1 - at) : undefined;
}

/** A character beyond latin-1 is no part of a token; any byte that is none either stands for it. */
const byteFor = (code: number): number => (code < 256 ? code : 0xff);

function matchAt(text: string, at: number, form: RegExp, base: readonly number[]): Marked | undefined {
  form.lastIndex = at;
  const match = form.exec(text);
  if (match === null) return undefined;
  const group = match.findIndex((digits, index) => index > 0 && digits !== undefined);
  return { code: byteFor(Number.parseInt(match[group] ?? '', base[group - 1])), length: match[0].length };
}

/** Escapes as JSON, JavaScript, C or a shell write them. */
function escapeAt(text: string, at: number): Marked | undefined {
  const short = SHORT_ESCAPES.get(text[at + 1] ?? '');
  return short === undefined ? matchAt(text, at, ESCAPE, [16, 16, 16, 8]) : { code: short, length: 2 };
}

/** Numeric character references of XML and HTML. */
const referenceAt = (text: string, at: number): Marked | undefined => matchAt(text, at, REFERENCE, [10, 16]);

/** An index some words before `at`, but not before `from`. */
function wordsBefore(text: string, at: number, from: number): number {
  let index = at;
  for (let words = 0; index > from; index -= 1) {
    if (text.charCodeAt(index - 1) > 32 || text.charCodeAt(index) <= 32) continue;
    words += 1;
    if (words > CONTEXT) break;
  }
  return index;
}

function wordsBehind(text: string, at: number): number {
  let index = at;
  for (let words = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 32 || text.charCodeAt(index + 1) <= 32) continue;
    words += 1;
    if (words > CONTEXT) break;
  }
  return index;
}

/**
 * The parts of `text` (latin-1) around what `find` finds where `mark` stands, decoded; empty if it finds nothing. The
 * rest was looked at already, and is not looked at again.
 */
function decodedAround(text: string, mark: string, find: (text: string, at: number) => Marked | undefined): string {
  const first = text.indexOf(mark);
  if (first < 0) return '';
  const out = Buffer.allocUnsafe(text.length + 1);
  let length = 0;
  let copied = 0;
  /** Where the part that is being decoded ends. */
  let end = 0;
  const copy = (to: number) => {
    if (to > copied) length += out.write(text.slice(copied, to), length, 'latin1');
    copied = Math.max(copied, to);
  };
  for (let at = first; at >= 0; at = text.indexOf(mark, at)) {
    const found = find(text, at);
    if (found === undefined) {
      at += 1;
      continue;
    }
    const start = at < end ? end : wordsBefore(text, at, end);
    if (start > end) {
      copy(end);
      // There is room: what stands between the two parts is left out.
      if (length > 0) length += out.write('\n', length, 'latin1');
      copied = start;
    }
    copy(at);
    if (found.code >= 0) {
      out[length] = found.code;
      length += 1;
    }
    at += found.length;
    copied = at;
    if (at >= end) end = wordsBehind(text, at);
  }
  copy(end);
  return out.toString('latin1', 0, length);
}

export const percentDecoded = (text: string): string => decodedAround(text, '%', hexPair);
export const quotedPrintableDecoded = (text: string): string => decodedAround(text, '=', quotedAt);
export const unescaped = (text: string): string => decodedAround(text, '\\', escapeAt);
export const unreferenced = (text: string): string => decodedAround(text, '&#', referenceAt);
