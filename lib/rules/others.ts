/** How a finding names other bottles: a few of them, so that a thousand of one name do not give a million. */

import { type BottlePlan, listed, quoted } from '../plan/index.ts';

const SHOWN = 3;

/** The first bottles of which `is` holds: as many as {@link someOf} shows, and one to say that there are more. */
export function firstOf(bottles: readonly BottlePlan[], is: (bottle: BottlePlan) => boolean): readonly BottlePlan[] {
  const found: BottlePlan[] = [];
  for (const bottle of bottles) {
    if (is(bottle)) found.push(bottle);
    if (found.length > SHOWN) break;
  }
  return found;
}

/** Their paths in words. */
export function someOf(bottles: readonly BottlePlan[]): string {
  const paths = bottles.slice(0, SHOWN).map(({ path }) => quoted(path));
  return listed(bottles.length > SHOWN ? [...paths, 'more'] : paths);
}
