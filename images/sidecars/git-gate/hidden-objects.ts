/**
 * What a push carries and no pushed ref leads to. Nobody scans it, the upstream does not get it, and the mirror must
 * not keep it: there it would wait for a later push to name it.
 */

import { type Git, gitOutput, mirrorGit } from './git.ts';
import { gitStream, TooLargeError } from './git-stream.ts';

/** Objects that a push may repeat although the mirror has them. */
const MOST_REPEATED = 500_000;

/** The ids of the objects that the push behind `git` brings along, not those of the mirror. */
async function* quarantined(git: Git): AsyncGenerator<string> {
  const directory = git.env['GIT_QUARANTINE_PATH'];
  // A push that only deletes or moves refs has no pack, and then no quarantine.
  if (directory === undefined) return;
  const env = { ...git.env, GIT_OBJECT_DIRECTORY: directory, GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined };
  const listing = ['cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname)'];
  for await (const line of gitStream({ ...git, env }, listing)) yield line.toString('latin1');
}

/** How many objects of the push are neither among `reached` nor known to the mirror. */
export async function hiddenObjects(git: Git, reached: Iterable<{ readonly id: string }>): Promise<number> {
  const known = new Set<string>();
  for (const { id } of reached) known.add(id);
  const others: string[] = [];
  for await (const id of quarantined(git)) {
    if (!known.has(id)) others.push(id);
    if (others.length > MOST_REPEATED) throw new TooLargeError('it repeats too many objects');
  }
  if (others.length === 0) return 0;
  // The base of a delta, for one, which git completes a pack with.
  const answer = await gitOutput(mirrorGit(git.directory), ['cat-file', '--batch-check=%(objectname)'], {
    input: `${others.join('\n')}\n`,
  });
  return answer
    .toString('latin1')
    .split('\n')
    .filter((line) => line.endsWith(' missing')).length;
}
