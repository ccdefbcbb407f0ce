/** What git itself says of a workspace on the host: read from its files, or asked without running anything of it. */

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { GIT_NAME } from '../../plan/index.ts';

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Where the `.git` file of a linked worktree or a submodule leads, absolute; undefined if it is none. */
export function gitPointer(file: string): string | undefined {
  const path = /^gitdir: *(.+?)\s*$/.exec(textOf(file))?.[1];
  return path === undefined ? undefined : resolve(dirname(file), path);
}

const value = (line: string): string => line.replace(/^"(.*)"$/, '$1').replace(/\\(["\\])/g, '$1');

/** The directory of hooks that the repository's own config names, absolute, as git takes it; undefined if none. */
export function hooksPath(root: string, gitDir: string): string | undefined {
  const named = [...textOf(join(gitDir, 'config')).matchAll(/^\s*hooksPath\s*=\s*(.+?)\s*$/gim)].at(-1)?.[1];
  return named === undefined || named.startsWith('~') ? undefined : resolve(root, value(named));
}

/** The files that the repository's own config includes, absolute. */
export const includedConfigs = (gitDir: string): readonly string[] =>
  [...textOf(join(gitDir, 'config')).matchAll(/^\s*path\s*=\s*(.+?)\s*$/gim)].flatMap(([, path = '']) =>
    path.startsWith('~') ? [] : [resolve(gitDir, value(path))],
  );

/** A submodule in the index: mode, object, stage, path. */
const GITLINK = /^160000 [0-9a-f]+ \d\t(.+)$/s;

/**
 * Paths of the submodules in the index: git looks into each of them by itself whenever it is asked for the status. None
 * where git is missing, or refuses the repository: then it does not look either.
 */
export async function submodulePaths(root: string): Promise<readonly string[]> {
  const quiet = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
  const { stdout, exitCode } = await execa('git', [...quiet, '-C', root, 'ls-files', '--stage', '-z'], {
    reject: false,
    stdin: 'ignore',
    maxBuffer: 512 * 1024 * 1024,
    // The index of the workspace, and of no repository around it.
    env: { GIT_DIR: join(root, GIT_NAME), GIT_WORK_TREE: root, GIT_OPTIONAL_LOCKS: '0' },
  });
  if (exitCode !== 0) return [];
  return stdout.split('\0').flatMap((entry) => GITLINK.exec(entry)?.[1] ?? []);
}
