/** What leaves the CLI, made harmless for a terminal. */

import { UNPRINTABLE } from '../operate/printable.ts';

export { printable, printableLine } from '../operate/printable.ts';

const asUnicodeEscape = (found: string): string => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** `value` as JSON without such characters: the same data for every reader. `indent` 0: on one line. */
export const printableJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(UNPRINTABLE, asUnicodeEscape);
