/**
 * The way in which two versions are compared. Each family of facets takes what it understands out of both versions and
 * tells how it differs; what no family takes is compared leaf by leaf at the end. So nothing is passed over.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Change, ChangeKind, Effect } from './model.ts';
import type { Side } from './side.ts';

/** A thing that both versions may have: its value, and the files that say so. */
export interface Part<T> {
  readonly value: T;
  readonly files: readonly string[];
}

/** A change without its files. */
export interface Said {
  readonly kind: ChangeKind;
  readonly effect: Effect;
  readonly subject: string;
  readonly text: string;
}

export interface Pair {
  readonly before: Side;
  readonly after: Side;
}

/** In place of words: another change, which names the same files, tells this difference, too. */
export const TOLD = 'told';

export interface Family<T> {
  /** The kind of a change that {@link describe} has no words for. */
  readonly kind: ChangeKind;
  /** Takes the family's parts out of one version, by a key that is the same in both. */
  readonly read: (side: Side) => ReadonlyMap<string, Part<T>>;
  /** The words for a part that differs; `undefined`: that version has none. */
  readonly describe: (
    key: string,
    before: T | undefined,
    after: T | undefined,
    pair: Pair,
  ) => readonly Said[] | typeof TOLD;
}

/** Compares one family of facets in two versions. */
export type Comparison = (pair: Pair) => readonly Change[];

export const opens = (kind: ChangeKind, subject: string, text: string): Said => ({
  kind,
  effect: 'opens',
  subject,
  text,
});

export const closes = (kind: ChangeKind, subject: string, text: string): Said => ({
  kind,
  effect: 'closes',
  subject,
  text,
});

export const changes = (kind: ChangeKind, subject: string, text: string): Said => ({
  kind,
  effect: 'neither',
  subject,
  text,
});

/** What only `before` has closes, what only `after` has opens: the same words from either end. */
export function moved<T>(
  before: readonly T[],
  after: readonly T[],
  words: (one: T) => Omit<Said, 'effect'>,
): readonly Said[] {
  const isIn = (one: T, list: readonly T[]): boolean => list.some((other) => isDeepStrictEqual(one, other));
  return [
    ...before.filter((one) => !isIn(one, after)).map((one): Said => ({ ...words(one), effect: 'closes' })),
    ...after.filter((one) => !isIn(one, before)).map((one): Said => ({ ...words(one), effect: 'opens' })),
  ];
}

export function family<T>({ kind, read, describe }: Family<T>): Comparison {
  return (pair) => {
    const [old, now] = [read(pair.before), read(pair.after)];
    const keys = [...new Set([...old.keys(), ...now.keys()])];
    return keys.flatMap((key): readonly Change[] => {
      const [before, after] = [old.get(key), now.get(key)];
      if (isDeepStrictEqual(before?.value, after?.value)) return [];
      const files = [...new Set([...(before?.files ?? []), ...(after?.files ?? [])])];
      const said = describe(key, before?.value, after?.value, pair);
      if (said === TOLD) return [];
      const told = said.length > 0 ? said : [changes(kind, key, `${key}: changed`)];
      return told.map((one) => ({ ...one, files }));
    });
  };
}
