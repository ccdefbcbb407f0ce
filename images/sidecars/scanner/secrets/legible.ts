/** The parts of bytes that could be read: all that is searched lives in them. */

/** Shorter runs hold no token and no code for one. */
const SHORTEST = 12;

/** 1: printable ASCII, tab and line ends; 2: NUL, which stands between the characters of UTF-16. */
const KINDS = new Uint8Array(256);
for (const byte of [9, 10, 13]) KINDS[byte] = 1;
KINDS.fill(1, 0x20, 0x7f);
KINDS[0] = 2;

/**
 * The legible runs of `bytes`, each on a line; what is not legible, such as an image, or words decoded that were never
 * base64, shrinks to nearly nothing, so that following every encoding stays cheap.
 */
export function legibleRuns(bytes: Buffer, keepNul: boolean): string {
  const kept: string[] = [];
  let start = 0;
  let printable = 0;
  for (let at = 0; at <= bytes.length; at += 1) {
    const kind = at < bytes.length ? KINDS[bytes[at] ?? 0] : 0;
    if (kind === 1) printable += 1;
    else if (kind !== 2 || !keepNul) {
      if (printable >= SHORTEST) kept.push(bytes.toString('latin1', start, at));
      start = at + 1;
      printable = 0;
    }
  }
  return kept.join('\n');
}
