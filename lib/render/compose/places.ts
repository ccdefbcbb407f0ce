/** Places in a rendered service, by the keys that lead to them. */

import { isRecord, quoted, typeName } from '../../plan/index.ts';

export type Fields = Record<string, unknown>;

export type Holder = unknown[] | Fields;

/** A place: the list or object that holds it, and its key there, with a list's `-` resolved to an index. */
export interface Place {
  readonly holder: Holder;
  readonly key: string;
  /** Whether something is there. */
  readonly taken: boolean;
  /** The keys that led here, resolved. */
  readonly keys: readonly string[];
}

/** Why there is no such place, in words. */
export class NoPlace {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export const isFields = (value: unknown): value is Fields => isRecord(value);

const INDEX = /^(?:0|[1-9]\d{0,8})$/;

/** How messages call the place that `keys` lead to. */
export const shownKeys = (keys: readonly string[]): string =>
  keys.length === 0 ? 'the service' : quoted(keys.join('.'));

function placeIn(holder: unknown, key: string, above: readonly string[]): Place | NoPlace {
  if (Array.isArray(holder)) {
    const { length } = holder;
    const index = key === '-' ? length : INDEX.test(key) ? Number(key) : Number.NaN;
    if (index <= length) return { holder, key: `${index}`, taken: index < length, keys: [...above, `${index}`] };
    const inside = length === 0 ? 'none' : length === 1 ? '0' : `0 to ${length - 1}`;
    return new NoPlace(`${shownKeys(above)} is a list, whose places are ${inside}, and - behind its last`);
  }
  if (isFields(holder)) return { holder, key, taken: Object.hasOwn(holder, key), keys: [...above, key] };
  return new NoPlace(`${shownKeys(above)} is ${typeName(holder)}, which holds nothing`);
}

export const valueAt = ({ holder, key }: Place): unknown => (holder as Fields)[key];

/** Puts `value` in `place`; behind the last of a list, it makes the list longer. */
export function put({ holder, key }: Place, value: unknown): void {
  (holder as Fields)[key] = value;
}

/** Takes away what is in `place`; what follows it in a list moves up. */
export function take({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/**
 * The place that `keys` lead to in `root`, taken or free. Where nothing is on the way, `make` says what to put there;
 * without it there is no place.
 */
export function placeAt(root: Fields, keys: readonly string[], make?: (place: Place) => Holder): Place | NoPlace {
  let holder: unknown = root;
  let above: readonly string[] = [];
  for (const [index, key] of keys.entries()) {
    const place = placeIn(holder, key, above);
    if (place instanceof NoPlace || index === keys.length - 1) return place;
    if (!place.taken) {
      if (make === undefined) return new NoPlace(`there is no ${shownKeys(place.keys)}`);
      put(place, make(place));
    }
    holder = valueAt(place);
    above = place.keys;
  }
  return new NoPlace('it names no place');
}
