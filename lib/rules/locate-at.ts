/** Which line of the definition brought what stands at a place of the rendered document. */

import type { Locate, OverridePlan, RenderedBottle } from '../plan/index.ts';
import { partAt } from './part-at.ts';

const isWithin = (pointer: string, place: string): boolean => pointer === place || pointer.startsWith(`${place}/`);

/** Length of `/services/<name>/<key>`, in parts: an override below such a key may be to blame for it. */
const KEY_DEPTH = 4;

/**
 * The override that a place of `compose.yaml` comes from: the last that changed it or something above it, or else the
 * last that changed something within it. Undefined if none did.
 */
export function overrideAt({ effects }: RenderedBottle, pointer: string): OverridePlan | undefined {
  const applied = effects.filter(({ problem }) => problem === undefined).reverse();
  const above = applied.find(({ pointers }) => pointers.some((place) => isWithin(pointer, place)));
  if (above !== undefined || pointer.split('/').length < KEY_DEPTH) return above?.override;
  return applied.find(({ pointers }) => pointers.some((place) => isWithin(place, pointer)))?.override;
}

/** Where the definition says what stands at `pointer`: the line of an override that brought it, or of the construct. */
export function locateAt(
  bottle: RenderedBottle,
  pointer: string,
  locations: ReadonlyMap<object, Locate>,
): Locate | undefined {
  const override = overrideAt(bottle, pointer);
  const locate = override === undefined ? undefined : locations.get(override);
  return locate ?? locations.get(partAt(bottle, pointer));
}
