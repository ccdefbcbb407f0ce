/** Names that a reader takes for one another: one letter added, left out, changed or moved, or letters that look alike. */

/** What looks like one letter, or like another one, in the fonts of editors. */
const ALIKE: readonly (readonly [string, string])[] = [
  ['rn', 'm'],
  ['vv', 'w'],
  ['0', 'o'],
  ['1', 'l'],
];

const folded = (name: string): string => ALIKE.reduce((text, [seen, meant]) => text.replaceAll(seen, meant), name);

/** `name` and what is left of it without each of its letters: names that are near each other share one of these. */
function variants(name: string): readonly string[] {
  const letters = folded(name);
  return [letters, ...Array.from(letters, (_, index) => letters.slice(0, index) + letters.slice(index + 1))];
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

/** Names by their variants, so that finding those near one does not take a comparison with each. */
export function nearNames(names: Iterable<string> = []): NearNames {
  const byVariant = new Map<string, Set<string>>();
  const add = (name: string): void => {
    if (name.length < SHORTEST) return;
    for (const variant of variants(name)) {
      const known = byVariant.get(variant);
      if (known === undefined) byVariant.set(variant, new Set([name]));
      else known.add(name);
    }
  };
  for (const name of names) add(name);
  return {
    add,
    near: (name) => {
      const found =
        name.length < SHORTEST ? [] : variants(name).flatMap((variant) => [...(byVariant.get(variant) ?? [])]);
      return [...new Set(found)].filter((other) => other !== name && numbered(other) !== numbered(name));
    },
  };
}
