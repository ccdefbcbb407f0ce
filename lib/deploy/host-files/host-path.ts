/** Paths of the definition, as they lie on this host. */

import { join, resolve } from 'node:path';
import { userHome } from '../../operate/state/directory.ts';
import type { Environment } from '../options.ts';

export interface HostPaths {
  readonly projectDir: string;
  readonly env: Environment;
}

/** `path` as a definition spells it, absolute: `~/` is the deploying user's home, relative ones start at the project. */
export function hostPath(path: string, { projectDir, env }: HostPaths): string {
  if (path === '~') return userHome(env);
  if (path.startsWith('~/')) return join(userHome(env), path.slice(2));
  return resolve(projectDir, path);
}
