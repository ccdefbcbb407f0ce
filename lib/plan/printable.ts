/** Text from outside (an agent's log, an engine's words) as a terminal or a file for people may hold it. */

/**
 * What a terminal obeys instead of showing: controls but tab and newline, and what reorders or breaks a line. And what
 * has no width or glyph (zero-width, soft hyphens, fillers, tags), so that nobody sees that it is there; but for the sign
 * that makes a symbol an emoji.
 */
export const UNPRINTABLE =
  /(?![\n\t]|(?<=\p{Extended_Pictographic})\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** The same, and what would begin another line or column. */
const UNPRINTABLE_IN_LINE =
  /(?!(?<=\p{Extended_Pictographic})\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const hex = (character: string, digits: number): string =>
  (character.codePointAt(0) ?? 0).toString(16).padStart(digits, '0');

/** `\xNN` or `\u{NNNN}`. */
const escaped = (found: string): string => (found < '\u0100' ? `\\x${hex(found, 2)}` : `\\u{${hex(found, 4)}}`);

/** `text` with every character that a terminal obeys written out. Newlines and tabs stay. */
export const printable = (text: string): string => text.replaceAll('\r\n', '\n').replace(UNPRINTABLE, escaped);

/** `text` as what it is: one line, whatever it holds. Tabs stay. */
export const printableLine = (text: string): string =>
  text.replace(UNPRINTABLE_IN_LINE, (found) => (found === '\t' ? found : escaped(found)));
