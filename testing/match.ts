import { listMismatches, Matcher, mismatchesOf, nearestMatch, type Pattern, recordMismatches } from './matcher.ts';
import { below, type Mismatch, shown } from './mismatch.ts';

/** A matcher from a function; `matchesAbsent` says what it makes of a key that is not there. */
function matcher(mismatches: Matcher['mismatches'], matchesAbsent = false): Matcher {
  return Object.assign(Object.create(Matcher.prototype) as Matcher, { mismatches, matchesAbsent });
}

/** Where in `list`, from `start` on, an entry matches `pattern`; -1 if none does. */
const indexOfMatch = (list: readonly unknown[], pattern: Pattern, start: number): number =>
  list.findIndex((entry, index) => index >= start && mismatchesOf(entry, pattern, '').length === 0);

function arrayWithMismatches(list: unknown, patterns: readonly Pattern[], pointer: string): readonly Mismatch[] {
  if (!Array.isArray(list)) return [{ pointer, message: `is ${shown(list)}, expected a list` }];
  let start = 0;
  for (const [index, pattern] of patterns.entries()) {
    const found = indexOfMatch(list, pattern, start);
    if (found === -1) {
      const near = nearestMatch([...list.keys()].slice(start), (at) =>
        mismatchesOf(list[at], pattern, below(pointer, at)),
      );
      const what = `entry ${index} of the pattern is not in the list${start === 0 ? '' : ` behind entry ${start - 1}`}`;
      return [{ pointer, message: near === undefined ? what : `${what}; nearest:` }, ...(near?.mismatches ?? [])];
    }
    start = found + 1;
  }
  return [];
}

/**
 * Patterns for values, as the CDK family has them. A plain object in a pattern matches an object that has its keys; a
 * plain list matches a list of the same entries; anything else has to be equal.
 */
export const Match = {
  /** Anything but nothing: the key has to be there, and not null. */
  anyValue: (): Matcher =>
    matcher((actual, pointer) =>
      actual === undefined || actual === null ? [{ pointer, message: `is ${shown(actual)}, expected any value` }] : [],
    ),

  /** A key that must not be there. */
  absent: (): Matcher =>
    matcher(
      (actual, pointer) =>
        actual === undefined ? [] : [{ pointer, message: `is ${shown(actual)}, expected nothing there` }],
      true,
    ),

  /** Equal all the way down: no key more, no entry more. */
  exact: (pattern: Pattern): Matcher => matcher((actual, pointer) => mismatchesOf(actual, pattern, pointer, true)),

  /** An object with these keys, and perhaps others; below it, too. */
  objectLike: (pattern: Readonly<Record<string, Pattern>>): Matcher =>
    matcher((actual, pointer) => recordMismatches(actual, pattern, pointer, false)),

  /** An object with these keys and no others. */
  objectEquals: (pattern: Readonly<Record<string, Pattern>>): Matcher =>
    matcher((actual, pointer) => recordMismatches(actual, pattern, pointer, true)),

  /** A list that holds these entries in this order, and perhaps others in between. */
  arrayWith: (patterns: readonly Pattern[]): Matcher =>
    matcher((actual, pointer) => arrayWithMismatches(actual, patterns, pointer)),

  /** A list of these entries and no others. */
  arrayEquals: (patterns: readonly Pattern[]): Matcher =>
    matcher((actual, pointer) => listMismatches(actual, patterns, pointer, true)),

  /** A text in which the expression is found. */
  stringLikeRegexp: (expression: string | RegExp): Matcher => {
    // Without the flags by which an expression remembers where it was.
    const source = typeof expression === 'string' ? expression : expression.source;
    const flags = typeof expression === 'string' ? '' : expression.flags.replace(/[gy]/g, '');
    const wanted = new RegExp(source, flags);
    return matcher((actual, pointer) =>
      typeof actual === 'string' && wanted.test(actual)
        ? []
        : [{ pointer, message: `is ${shown(actual)}, expected a text like ${wanted}` }],
    );
  },

  /** Anything that `pattern` does not match. */
  not: (pattern: Pattern): Matcher =>
    matcher((actual, pointer) =>
      mismatchesOf(actual, pattern, pointer).length > 0
        ? []
        : [{ pointer, message: `is ${shown(actual)}, which the pattern in Match.not matches` }],
    ),
} as const;
