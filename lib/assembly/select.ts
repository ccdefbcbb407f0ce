/** The bottles of an assembly that a command line names. */

import { BottleError } from '../errors.ts';
import type { Manifest } from './manifest.ts';

export const unknownBottle = (bottles: Manifest['bottles'], wanted: readonly string[]): BottleError =>
  new BottleError('usage/unknown-bottle', `no such bottle: ${wanted.join(', ')}`, {
    fix: `the app declares: ${Object.keys(bottles).join(', ') || 'none'}`,
    exitCode: 2,
  });

/** `wanted`, each once, or all bottles of the manifest if none is named. Throws on a name that it does not hold. */
export function selectBottles({ bottles }: Manifest, wanted: readonly string[]): readonly string[] {
  const unknown = wanted.filter((slug) => !Object.hasOwn(bottles, slug));
  if (unknown.length > 0) throw unknownBottle(bottles, unknown);
  return wanted.length === 0 ? Object.keys(bottles) : [...new Set(wanted)];
}
