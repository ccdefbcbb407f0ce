import type { Manifest } from '../assembly/index.ts';
import { BottleError } from '../errors.ts';

/** The bottles that the command line names, or all of the app; a name that the app does not declare is an error. */
export function selectedSlugs(manifest: Manifest, wanted: readonly string[]): readonly string[] {
  const declared = Object.keys(manifest.bottles);
  const unknown = wanted.filter((slug) => !declared.includes(slug));
  if (unknown.length > 0) {
    throw new BottleError('usage/unknown-bottle', `no such bottle: ${unknown.join(', ')}`, {
      fix: `the app declares: ${declared.join(', ') || 'none'}`,
      exitCode: 2,
    });
  }
  return wanted.length === 0 ? declared : [...new Set(wanted)];
}
