/** Text from outside (an agent's log, an engine's words) as a terminal may show it. */

/** What a terminal obeys instead of showing: controls but tab and newline, and what reorders or breaks a line. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const hex = (character: string, digits: number): string =>
  (character.codePointAt(0) ?? 0).toString(16).padStart(digits, '0');

/** `text` with every character that a terminal obeys as `\xNN` or `\u{NNNN}`. Newlines and tabs stay. */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNPRINTABLE, (found) => (found < '\u0100' ? `\\x${hex(found, 2)}` : `\\u{${hex(found, 4)}}`));
}

/** `value` as JSON without such characters: the same data for every reader. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(UNPRINTABLE, (found) => `\\u${hex(found, 4)}`);
