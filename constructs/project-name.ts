import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The app's name where no package.json gives one; a constant, so that output does not depend on a directory's name. */
export const UNNAMED = 'app';

function nameIn(file: string): string {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const named = typeof content === 'object' && content !== null && 'name' in content ? content.name : undefined;
    return typeof named === 'string' && named !== '' ? named : UNNAMED;
  } catch {
    return UNNAMED;
  }
}

/** `name` of the package.json that is nearest above `directory`, or `app`. */
export function projectName(directory: string): string {
  for (let here = directory; ; here = dirname(here)) {
    const file = join(here, 'package.json');
    if (existsSync(file)) return nameIn(file);
    if (dirname(here) === here) return UNNAMED;
  }
}
