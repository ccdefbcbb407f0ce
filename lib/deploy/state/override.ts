/** `compose.override.yaml`: pins the images of a bottle, so that another deploy never moves one under it. */

import { stringify } from 'yaml';

export const OVERRIDE_FILE = 'compose.override.yaml';

const HEADER = '# Written by bottle deploy: the images that it resolved or built.\n';

/** The override for services whose image differs from the one that synth rendered; undefined when there is none. */
export function composeOverride(pins: Readonly<Record<string, string>>): string | undefined {
  const entries = Object.entries(pins);
  if (entries.length === 0) return undefined;
  const services = Object.fromEntries(
    // A tag of ours is on this engine or nowhere: a registry that serves the same name must not be asked.
    entries.map(([service, image]) => [service, { image: image.replaceAll('$', '$$$$'), pull_policy: 'never' }]),
  );
  return HEADER + stringify({ services }, { version: '1.1', lineWidth: 0 });
}
