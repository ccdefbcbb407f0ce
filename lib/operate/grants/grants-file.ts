/** `grants.json` of a state directory. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BottleError } from '../../errors.ts';
import { type Grant, GrantsFile } from './model.ts';

export const GRANTS_FILE = 'grants.json';

export const grantsText = (grants: readonly Grant[]): string => `${JSON.stringify({ version: 1, grants }, null, 2)}\n`;

/** The grants in `text`. Throws if it is not what this version writes: a grant that nobody can read is none. */
export function parseGrants(text: string): readonly Grant[] {
  try {
    return GrantsFile.parse(JSON.parse(text)).grants;
  } catch (cause) {
    throw new BottleError('state/bad-grants', `${GRANTS_FILE} of the state directory cannot be read`, {
      fix: 'put it back as it was, or forget all live grants with bottle deploy --reset',
      cause,
    });
  }
}

/** The live grants of the bottle in `stateDir`, none where there is no file. */
export function readGrants(stateDir: string): readonly Grant[] {
  const file = join(stateDir, GRANTS_FILE);
  return existsSync(file) ? parseGrants(readFileSync(file, 'utf8')) : [];
}
