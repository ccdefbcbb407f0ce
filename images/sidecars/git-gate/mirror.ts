/** The bare mirrors below /git: made, and put back in order after whatever ended the last run. */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { mirrorPath } from './config.ts';
import { gitOutput, mirrorGit } from './git.ts';

/** Names the upstream that a mirror's objects come from; written last, so a mirror without it is incomplete. */
const ORIGIN_FILE = 'git-gate-upstream';

const originOf = (directory: string): string | undefined => {
  const file = join(directory, ORIGIN_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

/** git's own second line: the hook refuses first, and with reasons. */
function mirrorConfig({ allow }: GitRemoteEntry): string {
  return [
    '[core]',
    '\trepositoryformatversion = 0',
    '\tfilemode = true',
    '\tbare = true',
    '[receive]',
    `\tdenyDeletes = ${!allow.delete}`,
    `\tdenyNonFastForwards = ${!allow.force}`,
    '',
  ].join('\n');
}

/** Files that would make a mirror behave otherwise than its configuration says. */
const FOREIGN = ['hooks', 'objects/info/alternates', 'info/attributes', 'info/grafts', 'shallow', 'config.worktree'];

/** What a killed git leaves: lock files, which would block every later update, and quarantines of unfinished pushes. */
function removeLeftovers(directory: string): void {
  const names = (below: string, recursive = false): string[] =>
    readdirSync(join(directory, below), { recursive, encoding: 'utf8' }).map((name) => join(below, name));
  const locks = [...names('.'), ...names('refs', true)].filter((name) => name.endsWith('.lock'));
  const unfinished = [...names('objects'), ...names('objects/pack')].filter((name) =>
    /\/(?:tmp_|incoming-)[^/]*$/.test(name),
  );
  for (const name of [...locks, ...unfinished, ...FOREIGN]) {
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/**
 * The mirror of `remote`, ready to serve. A mirror of another upstream is thrown away: what that one holds counts as
 * published there, and would go to this one unscanned.
 */
export async function prepareMirror(remote: GitRemoteEntry): Promise<string> {
  const directory = mirrorPath(remote.name);
  const fresh = originOf(directory) !== remote.url;
  if (fresh) {
    rmSync(directory, { recursive: true, force: true });
    const init = ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', directory];
    await gitOutput({ directory: '/', env: { ...mirrorGit(directory).env, GIT_DIR: undefined } }, init);
  }
  removeLeftovers(directory);
  writeFileSync(join(directory, 'config'), mirrorConfig(remote));
  if (fresh) writeFileSync(join(directory, ORIGIN_FILE), `${remote.url}\n`);
  return directory;
}
