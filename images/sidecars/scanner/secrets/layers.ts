/**
 * The texts that hide in a text: behind percent encoding, string escapes, character references, quoted-printable,
 * base64, base32, hex, listings of bytes, compression, UTF-16, invisible characters, each in any order and a few deep.
 * Text is latin-1, one character a byte: tokens are ASCII, and nothing is lost.
 */

import { Budget, type Effort } from './budget.ts';
import { decodedRuns } from './codes.ts';
import { decompressed } from './compressed.ts';
import { UnreadableError } from './containers.ts';
import { dumped, numbered } from './dumps.ts';
import { percentDecoded, quotedPrintableDecoded, unescaped, unreferenced } from './escapes.ts';
import { legibleRuns } from './legible.ts';
import { folded, spelledOut } from './spelled.ts';

export { DecodeBudgetError } from './budget.ts';

export interface LayerOptions {
  /** @default 'full' */
  readonly effort?: Effort;
  /** Whether a compressed format that nothing here reads is an `UnreadableError`, or no more than its bytes. */
  readonly refuseUnreadable?: boolean;
}

function refuse(format: string): never {
  throw new UnreadableError(format);
}

/** How many encodings deep a text is followed. */
const MAX_DEPTH = 5;

/** What `od` writes before each line. */
const OFFSETS = /^[0-9A-Fa-f]{6,8}:?(?=[ \t])/gm;

/** What `view` writes with more than one character for each of its own; none is longer than `view`. */
function unmarked(view: string, budget: Budget): string[] {
  const marks = [percentDecoded, unescaped, unreferenced, quotedPrintableDecoded];
  const rows = view.replace(OFFSETS, '');
  const found = [...marks.map((decode) => decode(view)), numbered(rows), spelledOut(rows), ...dumped(view)];
  for (const one of found) budget.take(one.length);
  return found;
}

/** The printable part of `text` and of every text that is found in it; throws `UnscannableError`. */
export function* layersOf(text: string, { effort, refuseUnreadable }: LayerOptions = {}): Generator<string> {
  const onUnreadable = refuseUnreadable === true ? refuse : () => {};
  const queue = [{ text, depth: 0, isFile: true }];
  const seen = new Set<string>();
  const budget = new Budget(text.length, effort);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { text: found, depth, isFile } = next;
    const bytes = Buffer.from(found, 'latin1');
    const view = legibleRuns(bytes, false);
    if (!seen.has(view)) yield view;
    seen.add(view);
    if (depth === MAX_DEPTH) continue;
    const told = isFile ? onUnreadable : () => {};
    const whole = [...decompressed(bytes, budget, told), ...unmarked(view, budget), ...decodedRuns(view, budget, told)];
    // What is left of a file without its NULs begins as it did, and is none.
    const dressed = [found.includes('\0') ? found.replaceAll('\0', '') : '', folded(found)];
    for (const [texts, areFiles] of [
      [whole, true],
      [dressed, false],
    ] as const) {
      for (const one of texts) {
        if (one.length >= 12 && !seen.has(one)) queue.push({ text: one, depth: depth + 1, isFile: areFiles });
      }
    }
  }
}
