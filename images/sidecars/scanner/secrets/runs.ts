/** Runs of the characters of a code in a text, whatever layout stands between them. */

/** What a byte is to a code. */
const OTHER = 0;
const DIGIT = 1;
const BLANK = 2;
const LINE_END = 3;
const BETWEEN = 4;

export interface Code {
  /** Runs with fewer characters hold no token. */
  readonly shortest: number;
  /** How many of the characters that may stand between two of the code on one line do so in a row. */
  readonly mostBetween: number;
  readonly kinds: Uint8Array;
}

/** A code of `digits`; between two of them may stand a line end with an indentation, and up to `mostBetween` of `between`. */
export function codeOf(digits: string, shortest: number, between = '', mostBetween = 0): Code {
  const kinds = new Uint8Array(256);
  for (const byte of Buffer.from(between, 'latin1')) kinds[byte] = BETWEEN;
  for (const byte of Buffer.from(' \t')) kinds[byte] = BLANK;
  for (const byte of Buffer.from('\r\n')) kinds[byte] = LINE_END;
  for (const byte of Buffer.from(digits, 'latin1')) kinds[byte] = DIGIT;
  return { shortest, mostBetween, kinds };
}

/** The runs of `code` in `bytes`, without what stands between their characters. */
export function* runsOf(bytes: Buffer, { shortest, mostBetween, kinds }: Code): Generator<string> {
  const run = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let gap = 0;
  let hasLineEnd = false;
  let onlyBlank = true;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const kind = kinds[byte];
    if (kind === DIGIT) {
      const joins = gap === 0 || (hasLineEnd ? onlyBlank : gap <= mostBetween);
      if (!joins) {
        if (length >= shortest) yield run.toString('latin1', 0, length);
        length = 0;
      }
      run[length] = byte;
      length += 1;
      gap = 0;
      hasLineEnd = false;
      onlyBlank = true;
    } else if (kind === OTHER) {
      if (length >= shortest) yield run.toString('latin1', 0, length);
      length = 0;
      gap = 0;
    } else if (length > 0) {
      gap += 1;
      if (kind === LINE_END) hasLineEnd = true;
      else if (kind === BETWEEN) onlyBlank = false;
    }
  }
  if (length >= shortest) yield run.toString('latin1', 0, length);
}
