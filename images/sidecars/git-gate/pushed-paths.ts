/** The paths that the new commits of a push change. */

import type { Git } from './git.ts';
import { gitStream, TooLargeError } from './git-stream.ts';

export interface PathChange {
  readonly commit: string;
  readonly path: string;
  /** True if no parent of the commit has the path. */
  readonly added: boolean;
  /** The id that a submodule's entry holds: twenty bytes of the client's own choice, for no object has to have it. */
  readonly submodule?: string;
}

const SUBMODULE = '160000';

/** Changes of one push. A tree in which each entry is the same tree again has any number of paths in a few bytes. */
const MOST_CHANGES = 2_000_000;
const MOST_COMMITS = 500_000;

/**
 * Reads `git diff-tree --stdin -r -c -z --raw` (git-diff-tree(1), "raw output format"): a commit id, then for each
 * path an entry that begins with one colon a parent and ends in one status letter a parent, then the path.
 */
export async function* parseDiffTree(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<PathChange> {
  let commit = '';
  let entry: Omit<PathChange, 'path'> | undefined;
  for await (const piece of pieces) {
    const text = piece.toString('utf8');
    if (entry !== undefined) {
      yield { ...entry, path: text };
      entry = undefined;
    } else if (text.startsWith(':')) {
      const parents = text.lastIndexOf(':') + 1;
      const fields = text.slice(parents).split(' ');
      const [mode, id, status = ''] = [fields[parents], fields[2 * parents + 1], fields[2 * parents + 2]];
      const submodule = mode === SUBMODULE && id !== undefined ? { submodule: id } : {};
      entry = { commit, added: /^A+$/.test(status), ...submodule };
    } else if (text !== '') commit = text;
  }
}

/**
 * What `commits` change. Of a merge these are the paths that differ from every parent: a version taken over from one
 * of them is either the upstream's or was judged where it came in. With `directories` these are changes, too: an empty
 * one has a name and no file.
 */
export async function* pathChanges(
  git: Git,
  commits: readonly string[],
  { directories = false } = {},
): AsyncGenerator<PathChange> {
  if (commits.length === 0) return;
  const flags = ['--stdin', '-r', '-c', '-z', '--root', '--raw', '--no-renames', '--no-ext-diff', '--no-textconv'];
  if (directories) flags.push('-t');
  let changes = 0;
  const output = gitStream(git, ['diff-tree', ...flags], { separator: 0, input: `${commits.join('\n')}\n` });
  for await (const change of parseDiffTree(output)) {
    changes += 1;
    if (changes > MOST_CHANGES) throw new TooLargeError(`its commits change more than ${MOST_CHANGES} paths`);
    yield change;
  }
}

/** The commits that `ids` reach and no ref of the mirror does. */
export async function newCommits(git: Git, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const commits: string[] = [];
  for await (const line of gitStream(git, ['rev-list', ...ids, '--not', '--all'])) {
    commits.push(line.toString('latin1'));
    if (commits.length > MOST_COMMITS) throw new TooLargeError(`it has more than ${MOST_COMMITS} new commits`);
  }
  return commits;
}
