/** The bare mirrors below /git: made, and put back in order after whatever ended the last run. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { mirrorPath } from './config.ts';
import { gitOutput, mirrorGit } from './git.ts';
import type { ObjectFormat } from './upstream-refs.ts';

/** Names the upstream that a mirror's objects come from; written last, so a mirror without it is incomplete. */
const ORIGIN_FILE = 'git-gate-upstream';

interface Origin {
  readonly url: string;
  readonly format: ObjectFormat;
}

function originOf(directory: string): Origin | undefined {
  const file = join(directory, ORIGIN_FILE);
  if (!existsSync(file)) return undefined;
  const [url = '', format] = readFileSync(file, 'utf8').split('\n');
  return { url, format: format === 'sha256' ? 'sha256' : 'sha1' };
}

/** How the mirror at `directory` names objects. */
export const mirrorFormat = (directory: string): ObjectFormat => originOf(directory)?.format ?? 'sha1';

/** git's own second line: the hook refuses first, and with reasons. */
function mirrorConfig({ allow }: GitRemoteEntry, format: ObjectFormat): string {
  return [
    '[core]',
    `\trepositoryformatversion = ${format === 'sha256' ? 1 : 0}`,
    '\tfilemode = true',
    '\tbare = true',
    ...(format === 'sha256' ? ['[extensions]', '\tobjectFormat = sha256'] : []),
    '[receive]',
    `\tdenyDeletes = ${!allow.delete}`,
    `\tdenyNonFastForwards = ${!allow.force}`,
    '',
  ].join('\n');
}

/** An empty mirror in the place of whatever is at `directory`, which stays the same directory: git daemon is in it. */
export async function remakeMirror(remote: GitRemoteEntry, directory: string, format: ObjectFormat): Promise<void> {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true });
  const init = ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', `--object-format=${format}`];
  await gitOutput({ directory: '/', env: { ...mirrorGit(directory).env, GIT_DIR: undefined } }, [...init, directory]);
  writeFileSync(join(directory, 'config'), mirrorConfig(remote, format));
  writeFileSync(join(directory, ORIGIN_FILE), `${remote.url}\n${format}\n`);
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
  if (originOf(directory)?.url !== remote.url) await remakeMirror(remote, directory, 'sha1');
  removeLeftovers(directory);
  writeFileSync(join(directory, 'config'), mirrorConfig(remote, mirrorFormat(directory)));
  return directory;
}
