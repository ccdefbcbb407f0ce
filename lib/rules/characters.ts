/** Texts that are no texts: what no file can hold as the definition has it. */

import { quoted } from '../plan/index.ts';
import type { Breach, Rule } from './rule.ts';

/** Half of a pair of UTF-16 units; with the flag `u` no half of a whole pair matches. */
const LONE_SURROGATE = /\p{Surrogate}/u;

interface Place {
  /** Construct path. */
  readonly path: string;
  /** The innermost part whose line is known. */
  readonly part: object;
  /** Keys and indices from the bottle to here. */
  readonly keys: readonly string[];
}

/** How an entry of a list or an object is told: by its name, if it has one. */
const keyOf = (key: string, value: unknown): string =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' ? value.name : key;

const at = (keys: readonly string[]): string =>
  keys.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join('');

/** Every text below `value`, names of entries included. */
function* breaches(value: unknown, place: Place, isLocated: (part: object) => boolean): Iterable<Breach> {
  if (typeof value === 'string') {
    const found = LONE_SURROGATE.exec(value);
    if (found === null) return;
    const unit = value.charCodeAt(found.index).toString(16);
    const where = quoted(at(place.keys).replace(/^\./, ''));
    yield {
      path: place.path,
      part: place.part,
      message: `the text at ${where} has half of a character at position ${found.index + 1}: \\u${unit}; allowed: whole characters`,
    };
  } else if (typeof value === 'object' && value !== null) {
    const own = 'path' in value && typeof value.path === 'string' && value.path.startsWith(`${place.path}/`);
    const path = own ? String((value as { readonly path: unknown }).path) : place.path;
    const part = isLocated(value) ? value : place.part;
    for (const [key, one] of Object.entries(value)) {
      if (LONE_SURROGATE.test(key)) yield* breaches(key, { path, part, keys: [...place.keys, 'a name'] }, isLocated);
      yield* breaches(one, { path, part, keys: [...place.keys, keyOf(key, one)] }, isLocated);
    }
  }
}

export const CHARACTER_RULES: readonly Rule[] = [
  {
    id: 'bottles::text-characters',
    severity: 'error',
    what: 'a text that ends or begins in the middle of a character, so that it has half of a UTF-16 pair',
    why: 'no file can hold it: it would be written as another text, or Compose could not read the file at all',
    fix: 'cut texts by characters, e.g. [...text].slice(0, 20).join(""), or write the character out',
    *check(bottle, { isLocated }) {
      yield* breaches(bottle, { path: bottle.path, part: bottle, keys: [] }, isLocated);
    },
  },
];
