/** What an agent that may write to a directory of the host can try there, and who on the host would fall for it. */

import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Ran, run } from './stage.ts';

export const AGENT_UID = 1000;

/** As anybody uses git, in a directory that belongs to somebody else. */
export async function git(root: string, ...args: readonly string[]): Promise<Ran> {
  const trusting = ['-c', 'safe.directory=*', '-c', 'user.name=t', '-c', 'user.email=t@example.org'];
  const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };
  const { exitCode, all } = await execa('git', [...trusting, '-C', root, ...args], { reject: false, all: true, env });
  return { code: exitCode ?? 1, out: all };
}

/** Gives everything below `path` to the agent's uid. */
export function own(path: string): void {
  chownSync(path, AGENT_UID, AGENT_UID);
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(path, name), AGENT_UID, AGENT_UID);
  }
}

/** A repository with a submodule, one that is not checked out, and hooks of a hook manager. */
export async function makeRepository(root: string): Promise<void> {
  mkdirSync(join(root, 'vendor/lib'), { recursive: true });
  mkdirSync(join(root, 'vendor/none'));
  mkdirSync(join(root, '.husky'));
  writeFileSync(join(root, 'README'), 'hello\n');
  writeFileSync(join(root, '.husky/pre-push'), '');
  for (const at of [join(root, 'vendor/lib'), root]) {
    await git(at, 'init', '--quiet');
    await git(at, 'commit', '--quiet', '--allow-empty', '-m', 'first');
  }
  await git(root, 'add', '.');
  await git(root, 'update-index', '--add', '--cacheinfo', `160000,${'a'.repeat(40)},vendor/none`);
  const { code, out } = await git(root, 'commit', '--quiet', '-m', 'second');
  if (code !== 0) throw new Error(`no repository: ${out}`);
  own(root);
}

export interface Attack {
  readonly name: string;
  /** In the workspace; `$1` is a command that the host is to run. */
  readonly script: string;
  /** What a person on the host then does in the directory, to whom nothing of it should happen. */
  readonly victim: (root: string) => Promise<Ran>;
}

const status = (root: string): Promise<Ran> => git(root, 'status');
const commit = (root: string): Promise<Ran> => git(root, 'commit', '--quiet', '--allow-empty', '-m', 'theirs');

/** An editor or an agent program that runs what its settings in the directory say. */
const opening =
  (file: string) =>
  (root: string): Promise<Ran> =>
    existsSync(join(root, file)) ? run('sh', join(root, file)) : Promise.resolve({ code: 0, out: '' });

const monitor = (config: string): string => `printf '[core]\\n\\tfsmonitor = %s; false\\n' "$1" >>${config}`;
const hook = (file: string): string => `printf '#!/bin/sh\\n%s\\n' "$1" >${file}; chmod +x ${file}`;

export const ATTACKS: readonly Attack[] = [
  { name: 'a hook', script: hook('.git/hooks/post-commit'), victim: commit },
  {
    name: 'a hook of a hook manager',
    script: hook('.husky/post-commit'),
    victim: (root) => git(root, '-c', 'core.hooksPath=.husky', 'commit', '--allow-empty', '-qm', 'x'),
  },
  { name: 'a program in the config', script: monitor('.git/config'), victim: status },
  {
    name: 'a repository of its own in place of the one that is there',
    script: `mv .git .git-old; cp -r .git-old .git; ${monitor('.git/config')}`,
    victim: status,
  },
  {
    name: 'a common directory of its own',
    script: `mkdir evil; cp -r .git/config .git/refs .git/objects evil/; ${monitor('evil/config')}; echo ../evil >.git/commondir`,
    victim: status,
  },
  { name: "a program in a submodule's config", script: monitor('vendor/lib/.git/config'), victim: status },
  {
    name: 'a directory with a submodule, renamed and made anew',
    script: `mv vendor vendor-old; cp -r vendor-old vendor; ${monitor('vendor/lib/.git/config')}`,
    victim: status,
  },
  {
    name: 'a repository in a submodule that is not checked out',
    script: `git init -q vendor/none; ${monitor('vendor/none/.git/config')}; cd vendor/none; git -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m x`,
    victim: status,
  },
  {
    name: 'settings of an editor that has none there',
    script: 'mkdir -p .zed; echo "$1" >.zed/tasks.json',
    victim: opening('.zed/tasks.json'),
  },
  {
    name: 'settings of an agent program',
    script: 'mkdir -p .claude; echo "$1" >.claude/settings.json',
    victim: opening('.claude/settings.json'),
  },
];
