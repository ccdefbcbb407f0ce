/** Things at paths of the host, found by path without comparing each with every other. */

import { posix } from 'node:path';

export interface ByPlace<T> {
  /** What is at `place`, or at a directory that contains it; the nearest first. */
  containing(place: string): readonly T[];
  /** What is at `place`, contains it, or lies in it. */
  touching(place: string): readonly T[];
}

/** `path` and every directory above it, e.g. `/a/b`, `/a`, `/`. */
function ancestors(path: string): readonly string[] {
  const above = posix.dirname(path);
  return above === path ? [path] : [path, ...ancestors(above)];
}

function add<T>(map: Map<string, T[]>, place: string, value: T): void {
  const known = map.get(place);
  if (known === undefined) map.set(place, [value]);
  else known.push(value);
}

/** An index of `values`; `placeOf` says where each is, in one spelling. */
export function byPlace<T>(values: readonly T[], placeOf: (value: T) => string): ByPlace<T> {
  const at = new Map<string, T[]>();
  const below = new Map<string, T[]>();
  for (const value of values) {
    const place = placeOf(value);
    add(at, place, value);
    for (const directory of ancestors(place)) add(below, directory, value);
  }
  const containing = (place: string): readonly T[] => ancestors(place).flatMap((directory) => at.get(directory) ?? []);
  return {
    containing,
    touching: (place) => {
      const outer = containing(place);
      return outer.length > 0 ? outer : (below.get(place) ?? []);
    },
  };
}
