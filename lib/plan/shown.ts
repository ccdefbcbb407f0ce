/** How messages show what a definition gave. */

import { asDeclaredValue } from './declared.ts';
import { printableLine } from './printable.ts';
import { withoutCredentials } from './secrets.ts';

const LONGEST = 80;

/** Longest text of a finding that is shown or kept. */
export const LONGEST_TEXT = 2_000;

/** `text`, cut to {@link LONGEST_TEXT}. */
export const shortened = (text: string): string =>
  text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;

/** `text`, cut, as one line that no terminal obeys. */
export const shortLine = (text: string): string => printableLine(shortened(text));

/** `text` quoted, escaped, cut, and without any credential that is recognized in it. */
export function quoted(text: string): string {
  const safe = withoutCredentials(text.slice(0, LONGEST_TEXT));
  const cut = safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe;
  const body = JSON.stringify(cut).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${body}'`;
}

/** What kind of thing `value` is, in words and without its content. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const declared = asDeclaredValue(value);
  if (declared !== undefined) return `${/^[AEIOU]/.test(declared.kind) ? 'an' : 'a'} ${declared.kind}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty object' : 'an object';
  if (value === '') return 'an empty text';
  return (
    { string: 'a text', number: 'a number', boolean: String(value) }[typeof value as string] ?? `a ${typeof value}`
  );
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? 'nothing';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** Edit distance (Levenshtein), computed row by row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word of `allowed` that `word` was probably meant to be. */
export function nearest(word: string, allowed: readonly string[]): string | undefined {
  const ranked = allowed
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const [best] = ranked;
  return best !== undefined && best.far <= Math.max(2, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}
