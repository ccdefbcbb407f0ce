/**
 * Bytes as tools list them: `xxd`, `hexdump`, `od` with an offset before each line, and numbers in a row, as a program
 * prints an array of bytes.
 */

const LINE = /^\s{0,8}[0-9A-Fa-f]{4,16}:?[ \t]+(?=[0-9A-Fa-f]{2})/;
/** A column of characters behind the bytes. */
const CHARACTERS = /(?: {2,}\S*|\s*[|>].*)$/;
const MOST_LINE = 400;
/** A listing of fewer bytes holds no token. */
const SHORTEST = 12;

interface Notation {
  readonly word: RegExp;
  readonly base: number;
  /** Bytes of a word. */
  readonly width: number;
}

const NOTATIONS: readonly Notation[] = [
  { word: /^[0-9A-Fa-f]{2}$/, base: 16, width: 1 },
  { word: /^[0-3][0-7]{2}$/, base: 8, width: 1 },
  { word: /^[0-9A-Fa-f]{4}$/, base: 16, width: 2 },
  { word: /^[01][0-7]{5}$/, base: 8, width: 2 },
  { word: /^[0-9A-Fa-f]{8}$/, base: 16, width: 4 },
  { word: /^[0-9A-Fa-f]{16}$/, base: 16, width: 8 },
];

/** The words of the lines of one listing as bytes, in the one order of bytes and in the other. */
function bytesOf(words: readonly string[], { base, width }: Notation): string[] {
  const big = Buffer.alloc(words.length * width);
  for (const [index, word] of words.entries()) {
    let value = BigInt(base === 16 ? `0x${word}` : `0o${word}`);
    for (let at = width - 1; at >= 0; at -= 1) {
      big[index * width + at] = Number(value & 0xffn);
      value >>= 8n;
    }
  }
  if (width === 1) return [big.toString('latin1')];
  const little = Buffer.from(big);
  for (let start = 0; start < little.length; start += width) little.subarray(start, start + width).reverse();
  return [big.toString('latin1'), little.toString('latin1')];
}

/** What the listings in `view` list. */
export function dumped(view: string): string[] {
  const found: string[] = [];
  let words: string[] = [];
  let notation: Notation | undefined;
  const flush = () => {
    if (notation !== undefined && words.length * notation.width >= SHORTEST) found.push(...bytesOf(words, notation));
    words = [];
    notation = undefined;
  };
  for (let start = 0; start < view.length; ) {
    const next = view.indexOf('\n', start);
    const end = next < 0 ? view.length : next;
    const line = end - start > MOST_LINE ? '' : view.slice(start, end);
    start = end + 1;
    const offset = LINE.exec(line);
    if (offset === null) {
      flush();
      continue;
    }
    const listed = line
      .slice(offset[0].length)
      .replace(CHARACTERS, '')
      .split(/[ \t]+/);
    const own = NOTATIONS.find(({ word }) => word.test(listed[0] ?? ''));
    if (own !== notation) flush();
    notation = own;
    // A last word that is cut short ends the listing.
    if (own !== undefined) words.push(...listed.filter((word) => own.word.test(word)));
  }
  flush();
  return found;
}

const [ZERO, NINE] = [48, 57];
/** What may stand between two numbers of a row, and how much of it. */
const BETWEEN = new Set([...Buffer.from(' \t\r\n,;.|+()[]')]);
const MOST_BETWEEN = 12;

/** The rows of numbers below 256 in `view`, as bytes. */
export function numbered(view: string): string {
  const out = Buffer.allocUnsafe(view.length + 1);
  let kept = 0;
  let length = 0;
  let value = -1;
  let digits = 0;
  let gap = 0;
  const flush = () => {
    if (length - kept >= SHORTEST) {
      out[length] = 10;
      length += 1;
      kept = length;
    }
    length = kept;
  };
  for (let at = 0; at <= view.length; at += 1) {
    const code = at < view.length ? view.charCodeAt(at) : 0;
    if (code >= ZERO && code <= NINE) {
      value = digits === 0 ? code - ZERO : value * 10 + code - ZERO;
      digits += 1;
      if (digits > 3) value = 256;
      continue;
    }
    if (digits > 0) {
      if (value < 256) {
        out[length] = value;
        length += 1;
      } else flush();
      digits = 0;
      gap = 0;
    }
    gap += 1;
    if (!BETWEEN.has(code) || gap > MOST_BETWEEN) flush();
  }
  flush();
  return out.toString('latin1', 0, length);
}
