/** The paths that the new commits of a push change. */

import { type Git, gitOutput } from './git.ts';

export interface PathChange {
  readonly commit: string;
  readonly path: string;
  /** True if no parent of the commit has the path. */
  readonly added: boolean;
  /** The id that a submodule's entry holds: twenty bytes of the client's own choice, for no object has to have it. */
  readonly submodule?: string;
}

const SUBMODULE = '160000';

/**
 * Reads `git diff-tree --stdin -r -c -z --raw` (git-diff-tree(1), "raw output format"): a commit id, then for each
 * path an entry that begins with one colon a parent and ends in one status letter a parent, then the path.
 */
export function parseDiffTree(output: Buffer): PathChange[] {
  const tokens = output.toString('utf8').split('\0');
  const changes: PathChange[] = [];
  let commit = '';
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? '';
    if (token.startsWith(':')) {
      index += 1;
      const parents = token.lastIndexOf(':') + 1;
      const fields = token.slice(parents).split(' ');
      const [mode, id, status = ''] = [fields[parents], fields[2 * parents + 1], fields[2 * parents + 2]];
      const submodule = mode === SUBMODULE && id !== undefined ? { submodule: id } : {};
      changes.push({ commit, path: tokens[index] ?? '', added: /^A+$/.test(status), ...submodule });
    } else if (token !== '') commit = token;
  }
  return changes;
}

/**
 * What `commits` change. Of a merge these are the paths that differ from every parent: a version taken over from one
 * of them is either the upstream's or was judged where it came in. With `directories` these are changes, too: an empty
 * one has a name and no file.
 */
export async function pathChanges(
  git: Git,
  commits: readonly string[],
  { directories = false } = {},
): Promise<PathChange[]> {
  if (commits.length === 0) return [];
  const flags = ['--stdin', '-r', '-c', '-z', '--root', '--raw', '--no-renames', '--no-ext-diff', '--no-textconv'];
  if (directories) flags.push('-t');
  return parseDiffTree(await gitOutput(git, ['diff-tree', ...flags], { input: `${commits.join('\n')}\n` }));
}

/** The commits that `ids` reach and no ref of the mirror does. */
export async function newCommits(git: Git, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const output = await gitOutput(git, ['rev-list', ...ids, '--not', '--all']);
  return output
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}
