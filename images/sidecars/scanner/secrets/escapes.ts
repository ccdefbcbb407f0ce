/**
 * Percent encoding and string escapes, decoded byte by byte: a body may consist of nothing else, and a callback for each
 * would cost more memory than the body.
 */

const PERCENT = /%[0-9A-Fa-f]{2}/;
const ESCAPE = /\\(?:u\{?[0-9A-Fa-f]{2}|x[0-9A-Fa-f]{2}|[nrt/"'\\])/;
const SHORT_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['/', 47],
  ['"', 34],
  ["'", 39],
  ['\\', 92],
]);
const UNICODE = /u(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{4}))/y;
const HEX = /x([0-9A-Fa-f]{2})/y;

/** Only the words of `text` that `encoding` occurs in: the rest was looked at already, and is not looked at again. */
function wordsWith(text: string, encoding: RegExp): string {
  if (!encoding.test(text)) return '';
  const words = text.split(/\s+/).filter((word) => encoding.test(word));
  return words.join('\n');
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** The words of `text` (latin-1) that have `%XX`, decoded; empty if there are none. */
export function percentDecoded(text: string): string {
  const source = Buffer.from(wordsWith(text, PERCENT), 'latin1');
  let length = 0;
  for (let at = 0; at < source.length; at += 1) {
    const [high, low] = source[at] === 37 ? [hexDigit(source[at + 1]), hexDigit(source[at + 2])] : [-1, -1];
    if (high >= 0 && low >= 0) at += 2;
    // Written in place: what is decoded is never longer than what it was decoded from.
    source[length] = high >= 0 && low >= 0 ? high * 16 + low : (source[at] ?? 0);
    length += 1;
  }
  return source.toString('latin1', 0, length);
}

/** The character that the escape after the backslash at `at` stands for, and how long it is. */
function escapeAt(text: string, at: number): { readonly code: number; readonly length: number } | undefined {
  const short = SHORT_ESCAPES.get(text[at + 1] ?? '');
  if (short !== undefined) return { code: short, length: 2 };
  for (const form of [UNICODE, HEX]) {
    form.lastIndex = at + 1;
    const match = form.exec(text);
    if (match === null) continue;
    const code = Number.parseInt(match[1] ?? match[2] ?? '', 16);
    // A character beyond latin-1 is no part of a token; any byte that is none either stands for it.
    return { code: code < 256 ? code : 0xff, length: 1 + match[0].length };
  }
  return undefined;
}

/** The words of `text` that have escapes as JSON, JavaScript or C write them, decoded; empty if there are none. */
export function unescaped(text: string): string {
  const words = wordsWith(text, ESCAPE);
  const out = Buffer.alloc(words.length);
  let length = 0;
  for (let at = 0; at < words.length; at += 1) {
    const escaped = words[at] === '\\' ? escapeAt(words, at) : undefined;
    if (escaped !== undefined) at += escaped.length - 1;
    out[length] = escaped?.code ?? words.charCodeAt(at);
    length += 1;
  }
  return out.toString('latin1', 0, length);
}
