/** Where a deployed bottle lives on the host. */

import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { BottleError, reasonOf } from '../../errors.ts';
import type { Environment } from '../docker/index.ts';

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

const FIX = 'set CLAUDE_BOTTLE_HOME to a directory of your own, on a disk that you may write';

function notMakeable(directory: string, reason: string, cause?: unknown): BottleError {
  return new BottleError('deploy/state-not-writable', `the directory ${directory} cannot be made: ${reason}`, {
    fix: FIX,
    cause,
  });
}

function nearestExisting(directory: string): string {
  const parent = dirname(directory);
  return existsSync(directory) || parent === directory ? directory : nearestExisting(parent);
}

/** What keeps the missing `directory` from being made, as far as its nearest existing parent shows. */
function parentProblem(directory: string): BottleError | undefined {
  const parent = nearestExisting(directory);
  if (!statSync(parent).isDirectory()) return notMakeable(directory, `${parent} is not a directory`);
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (cause) {
    return notMakeable(directory, reasonOf(cause), cause);
  }
}

/** What is wrong with a state directory: it holds keys, so it has to be ours alone; a missing one has to be makeable. */
export function stateDirectoryProblem(directory: string): BottleError | undefined {
  if (!existsSync(directory)) return parentProblem(directory);
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

/** One level at a time: Node's own recursion never ends on a file system that makes nothing, such as /proc. */
function makeWithParents(directory: string): void {
  if (existsSync(directory)) return;
  makeWithParents(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(directory)) throw error;
  }
}

/** Makes `directory` and its parents; it alone gets `mode`, whatever the umask says. */
export function ensureDirectory(directory: string, mode: number): void {
  const problem = existsSync(directory) ? undefined : parentProblem(directory);
  if (problem !== undefined) throw problem;
  try {
    makeWithParents(directory);
    if ((lstatSync(directory).mode & 0o7777) !== mode) chmodSync(directory, mode);
  } catch (cause) {
    throw notMakeable(directory, reasonOf(cause), cause);
  }
}
