/** The forms in which a compose file may say the same thing, as one form. What is of none of them is left out. */

import { isRecord } from '../plan/index.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** `value` as a mapping; anything else is an empty one. */
export const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {});

/** `value` as a text; a number or boolean as compose would write it. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

/** The texts of a list, or of one text. */
export const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) => textOf(one) ?? []);

/** A mapping, or a list of `key<separator>value`: its pairs. A key without a value has an empty one. */
export function pairsOf(value: unknown, separator: RegExp): readonly (readonly [string, string])[] {
  if (!Array.isArray(value)) {
    return Object.entries(fieldsOf(value)).flatMap(([key, one]) => {
      const texts = textsOf(one ?? '');
      return texts.map((text) => [key, text] as const);
    });
  }
  return textsOf(value).map((text) => {
    const at = text.search(separator);
    return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  });
}

/** A list of keys, or a mapping from them: each key with what it maps to. */
export const keyedOf = (value: unknown): readonly (readonly [string, Fields])[] =>
  Array.isArray(value)
    ? textsOf(value).map((key) => [key, {}] as const)
    : Object.entries(fieldsOf(value)).map(([key, one]) => [key, fieldsOf(one)] as const);

export const isTrue = (value: unknown): boolean => textOf(value)?.toLowerCase() === 'true';
