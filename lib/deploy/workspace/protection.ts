/** Which paths of a workspace on the host are mounted over themselves so that the agent cannot change them. */

import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { join, relative } from 'node:path';
import { BottleError } from '../../errors.ts';
import { GIT_NAME, PROTECTED_PATHS } from '../../plan/index.ts';
import type { Guarded } from '../../render/agent/index.ts';
import { isWithin } from '../host-files/real-path.ts';
import { gitPointer, hooksPath, includedConfigs } from './git-facts.ts';

export interface Protection {
  /** What is above comes first. */
  readonly guarded: readonly Guarded[];
  /** Directories among them that have to be made, in this order. */
  readonly missing: readonly string[];
  readonly problems: readonly BottleError[];
  /** The repository of the workspace, if it is a worktree of one that lies elsewhere. */
  readonly outside?: string;
}

/** More would be felt at each start of the container, and speak of a directory that is no workspace. */
const MOST_MOUNTS = 256;

const statOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

function entries(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // What the deploying user may not read is not the agent's either, or belongs to it already.
    return [];
  }
}

/** Repositories below the root, as paths relative to it. Links are not followed. */
function nestedRepositories(root: string): readonly string[] {
  const found: string[] = [];
  const ahead = [''];
  for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
    for (const entry of entries(join(root, at))) {
      const path = join(at, entry.name);
      if (entry.name === GIT_NAME) {
        if (at !== '') found.push(path);
      } else if (entry.isDirectory()) ahead.push(path);
    }
  }
  return found.sort();
}

const parents = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, names) => names.slice(0, index + 1).join('/'));

const depth = (path: string): number => path.split('/').length;

/** Collects what is to be mounted, and what stands against it. */
class Collection {
  readonly #root: string;
  readonly #how = new Map<string, Guarded['how']>();
  readonly missing: string[] = [];
  readonly problems: BottleError[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  #isLink(path: string): boolean {
    if (statOf(join(this.#root, path))?.isSymbolicLink() !== true) return false;
    const message = `${join(this.#root, path)} is a symbolic link, which a mount cannot protect: the agent could replace it`;
    const fix = 'put what it leads to in its place, or bind read-only, or use Workspace.copy';
    this.problems.push(new BottleError('deploy/protected-path-link', message, { fix }));
    return true;
  }

  /** `make`: as an empty directory where it is missing, else it is passed over. */
  protect(path: string, make: boolean): void {
    if ([...parents(path), path].some((one) => this.#how.get(one) === 'ro')) return;
    if ([...parents(path), path].some((one) => this.#isLink(one))) return;
    if (statOf(join(this.#root, path)) === undefined) {
      if (!make) return;
      const above = parents(path).filter((one) => statOf(join(this.#root, one)) === undefined);
      for (const one of [...above, path]) if (!this.missing.includes(one)) this.missing.push(one);
    }
    for (const above of parents(path)) this.#how.set(above, 'rw');
    this.#how.set(path, 'ro');
  }

  guarded(): readonly Guarded[] {
    const kept = [...this.#how].filter(([path]) => !parents(path).some((one) => this.#how.get(one) === 'ro'));
    return kept
      .map(([path, how]) => ({ how, path }))
      .sort((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1));
  }
}

/** What git reads besides the repository because the repository's own files say so. */
function protectGitsChoices(root: string, collection: Collection): string | undefined {
  const git = join(root, GIT_NAME);
  const inside = (path: string): string | undefined =>
    isWithin(path, root) && path !== root ? relative(root, path) : undefined;
  const pointer = statOf(git)?.isFile() === true ? gitPointer(git) : undefined;
  const repository = pointer === undefined ? undefined : inside(pointer);
  if (repository !== undefined) collection.protect(repository, false);
  const gitDir = pointer ?? git;
  const hooks = hooksPath(root, gitDir);
  if (hooks === root) {
    const message = `git takes hooks from ${root} itself (core.hooksPath), which the agent writes to`;
    const fix = 'set core.hooksPath to a directory of its own';
    collection.problems.push(new BottleError('deploy/protected-path-root', message, { fix }));
  }
  const named = hooks === undefined ? undefined : inside(hooks);
  if (named !== undefined) collection.protect(named, true);
  for (const file of includedConfigs(gitDir).flatMap((path) => inside(path) ?? [])) collection.protect(file, false);
  return pointer !== undefined && repository === undefined ? pointer : undefined;
}

/** `root` is a real path; `submodules` are those of its index. Looks, and changes nothing. */
export function protectionOf(root: string, submodules: readonly string[]): Protection {
  const collection = new Collection(root);
  for (const { path, made } of PROTECTED_PATHS) collection.protect(path, made);
  const outside = protectGitsChoices(root, collection);
  for (const path of nestedRepositories(root)) collection.protect(path, false);
  for (const path of submodules) {
    // One that is not checked out has no repository: nobody may make one there.
    if (statOf(join(root, path, GIT_NAME)) === undefined) collection.protect(path, true);
  }
  const guarded = collection.guarded();
  if (guarded.length > MOST_MOUNTS) {
    const message = `${root} has ${guarded.length} paths to protect; allowed: ${MOST_MOUNTS}`;
    const fix = 'bind a smaller directory, or use Workspace.copy';
    collection.problems.push(new BottleError('deploy/protected-paths-many', message, { fix }));
  }
  const { missing, problems } = collection;
  return { guarded, missing, problems, ...(outside === undefined ? {} : { outside }) };
}
