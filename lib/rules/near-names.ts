/** Names that a reader takes for one another: one letter added, left out, changed or moved, or letters that look alike. */

/** What looks like one letter, or like another one, in the fonts of editors. */
const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/0/g, 'o'],
  [/1/g, 'l'],
];

const folded = (name: string): string =>
  /rn|vv|[01]/.test(name) ? ALIKE.reduce((text, [seen, meant]) => text.replace(seen, meant), name) : name;

/** Whether one letter makes the difference, or two that have changed places (Damerau's distance, at most 1). */
export function isOneEdit(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < shorter - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}

/** Numbered names, as `shard1.example` and `shard2.example`, are different on purpose. */
const numbered = (name: string): string => name.replace(/\d+/g, '#');

/** Shorter names are near each other by chance. */
const SHORTEST = 8;

export interface NearNames {
  /** Those of the added names that are near `name`, itself not among them. */
  near(name: string): readonly string[];
  add(name: string): void;
}

/** Names by their length: only those of about one length are compared. */
export function nearNames(names: readonly string[] = []): NearNames {
  const added = new Set<string>();
  const byLength = new Map<number, { readonly name: string; readonly letters: string }[]>();
  const add = (name: string): void => {
    if (name.length < SHORTEST || added.has(name)) return;
    added.add(name);
    const letters = folded(name);
    const known = byLength.get(letters.length);
    if (known === undefined) byLength.set(letters.length, [{ name, letters }]);
    else known.push({ name, letters });
  };
  for (const name of names) add(name);
  return {
    add,
    near: (name) => {
      if (name.length < SHORTEST) return [];
      const letters = folded(name);
      return [letters.length, letters.length - 1, letters.length + 1]
        .flatMap((length) => byLength.get(length) ?? [])
        .filter((other) => other.name !== name && isOneEdit(other.letters, letters))
        .map((other) => other.name)
        .filter((other) => numbered(other) !== numbered(name));
    },
  };
}
