/** What leaves the CLI, made harmless for a terminal. */

import { UNPRINTABLE } from '../plan/index.ts';

export { printable, printableLine } from '../plan/index.ts';

/** By UTF-16 units, as JSON writes what lies beyond the first plane. */
const asUnicodeEscape = (found: string): string =>
  Array.from(
    { length: found.length },
    (_, index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');

/** `value` as JSON without such characters: the same data for every reader. `indent` 0: on one line. */
export const printableJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(UNPRINTABLE, asUnicodeEscape);
