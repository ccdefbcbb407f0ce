/** Where a deployed bottle lives on the host. */

import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { BottleError } from '../../errors.ts';
import type { Environment } from '../options.ts';

/** `${CLAUDE_BOTTLE_HOME:-~/.claude-bottle}`, absolute. */
export function homeDirectory(env: Environment): string {
  const named = env['CLAUDE_BOTTLE_HOME'];
  if (named !== undefined && named.trim() !== '') return resolve(named);
  return join(userHome(env), '.claude-bottle');
}

/** What `~` means: `HOME`, as for compose, else the user database's word. */
export const userHome = (env: Environment): string => {
  const home = env['HOME'];
  return home !== undefined && isAbsolute(home) ? home : homedir();
};

/**
 * `path` with the links of its existing part resolved: compose labels containers with this path, and it has to be the
 * same however the home is spelled.
 */
function withoutLinks(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = join(path, '..');
  return parent === path ? path : join(withoutLinks(parent), path.slice(parent.length).replace(/^\//, ''));
}

export const statesDirectory = (home: string): string => join(withoutLinks(home), 'state');

export const stateDirectory = (home: string, slug: string): string => join(statesDirectory(home), slug);

/** What is wrong with an existing state directory: it holds keys, so it has to be ours alone. */
export function stateDirectoryProblem(directory: string): BottleError | undefined {
  if (!existsSync(directory)) return undefined;
  const stat = lstatSync(directory);
  if (!stat.isDirectory()) {
    return new BottleError('deploy/state-not-a-directory', `${directory} is not a directory`, {
      fix: 'move it away',
    });
  }
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid) {
    return new BottleError('deploy/state-of-another-user', `${directory} belongs to uid ${stat.uid}, not to you`, {
      fix: 'deploy as that user, or set CLAUDE_BOTTLE_HOME to a directory of your own',
    });
  }
  return undefined;
}

/** Makes `directory` and its parents; it alone gets `mode`, whatever the umask says. */
export function ensureDirectory(directory: string, mode: number): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if ((lstatSync(directory).mode & 0o7777) !== mode) chmodSync(directory, mode);
}
