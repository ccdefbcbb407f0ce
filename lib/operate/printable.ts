/** Text from outside (an agent's log, an engine's words) as a terminal or a file for people may hold it. */

/** What a terminal obeys instead of showing: controls but tab and newline, and what reorders or breaks a line. */
export const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
/** The same, and what would begin another line or column. */
const UNPRINTABLE_IN_LINE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const hex = (character: string, digits: number): string =>
  (character.codePointAt(0) ?? 0).toString(16).padStart(digits, '0');

/** `\xNN` or `\u{NNNN}`. */
const escaped = (found: string): string => (found < '\u0100' ? `\\x${hex(found, 2)}` : `\\u{${hex(found, 4)}}`);

/** `text` with every character that a terminal obeys written out. Newlines and tabs stay. */
export const printable = (text: string): string => text.replaceAll('\r\n', '\n').replace(UNPRINTABLE, escaped);

/** `text` as what it is: one line, whatever it holds. Tabs stay. */
export const printableLine = (text: string): string =>
  text.replace(UNPRINTABLE_IN_LINE, (found) => (found === '\t' ? found : escaped(found)));
