/** Lists whose order means nothing, in one order: the same definition is the same bytes however it is written down. */

/** `texts` by code unit, which no locale changes. */
export const sortedTexts = (texts: readonly string[] | undefined): readonly string[] | undefined =>
  texts === undefined ? undefined : [...texts].sort();

export const sortedNumbers = (numbers: readonly number[] | undefined): readonly number[] | undefined =>
  numbers === undefined ? undefined : [...numbers].sort((a, b) => a - b);

/** `values` by the code units of the text that `key` gives of each. */
export const sortedBy = <T>(values: readonly T[], key: (value: T) => string): readonly T[] =>
  [...values].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
