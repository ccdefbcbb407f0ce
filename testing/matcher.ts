import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../lib/plan/index.ts';
import { below, type Mismatch, shown } from './mismatch.ts';

/** Something that a value may match; `Match` makes them. */
export abstract class Matcher {
  /** Whether a key that is not there matches. */
  readonly matchesAbsent: boolean = false;

  /** What is different in `actual`, which is found at `pointer`; nothing where it matches. */
  abstract mismatches(actual: unknown, pointer: string): readonly Mismatch[];
}

export type Pattern = unknown;

const difference = (pointer: string, actual: unknown, wanted: string): readonly Mismatch[] => [
  { pointer, message: `is ${shown(actual)}, expected ${wanted}` },
];

/** What of `record` is different from `pattern`, key by key; `exactly`: it may have no other key. */
export function recordMismatches(
  record: unknown,
  pattern: Readonly<Record<string, Pattern>>,
  pointer: string,
  exactly: boolean,
): readonly Mismatch[] {
  if (!isRecord(record)) return difference(pointer, record, 'an object');
  const keys = Object.keys(pattern);
  const others = exactly ? Object.keys(record).filter((key) => !keys.includes(key)) : [];
  return [
    ...keys.flatMap((key) => {
      const wanted = pattern[key];
      const at = below(pointer, key);
      const isThere = Object.hasOwn(record, key);
      if (isThere) return mismatchesOf(record[key], wanted, at, exactly);
      if (wanted instanceof Matcher && wanted.matchesAbsent) return [];
      return [
        { pointer: at, message: `is missing, expected ${wanted instanceof Matcher ? 'a match' : shown(wanted)}` },
      ];
    }),
    ...others.map((key) => ({
      pointer: below(pointer, key),
      message: `is ${shown(record[key])}, expected no such key`,
    })),
  ];
}

/** What of `list` is different from `patterns`, entry by entry. */
export function listMismatches(
  list: unknown,
  patterns: readonly Pattern[],
  pointer: string,
  exactly: boolean,
): readonly Mismatch[] {
  if (!Array.isArray(list)) return difference(pointer, list, 'a list');
  const lengths = `has ${list.length} entries, expected ${patterns.length}`;
  return [
    ...(list.length === patterns.length ? [] : [{ pointer, message: lengths }]),
    ...patterns
      .slice(0, list.length)
      .flatMap((pattern, index) => mismatchesOf(list[index], pattern, below(pointer, index), exactly)),
  ];
}

/**
 * What of `actual` is different from `pattern`: a {@link Matcher} judges by itself; an object matches one that has its
 * keys (`exactly`: and no other); a list matches one of the same entries; anything else has to be equal.
 */
export function mismatchesOf(actual: unknown, pattern: Pattern, pointer: string, exactly = false): readonly Mismatch[] {
  if (pattern instanceof Matcher) return pattern.mismatches(actual, pointer);
  if (Array.isArray(pattern)) return listMismatches(actual, pattern, pointer, exactly);
  if (isRecord(pattern)) return recordMismatches(actual, pattern, pointer, exactly);
  return isDeepStrictEqual(actual, pattern) ? [] : difference(pointer, actual, shown(pattern));
}

/** Of `candidates`, the one that differs least from `pattern`, with what differs. */
export function nearestMatch<T>(
  candidates: readonly T[],
  differences: (candidate: T) => readonly Mismatch[],
): { readonly candidate: T; readonly mismatches: readonly Mismatch[] } | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, mismatches: differences(candidate) }))
    .sort((a, b) => a.mismatches.length - b.mismatches.length);
  return ranked[0];
}
