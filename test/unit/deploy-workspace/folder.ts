/** A directory of the host for a test, made of paths. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A text for a file, null for a directory, `{ to }` for a symbolic link. */
export type Tree = Readonly<Record<string, string | null | { readonly to: string }>>;

export function plant(root: string, tree: Tree): void {
  for (const [path, what] of Object.entries(tree)) {
    const at = join(root, path);
    mkdirSync(what === null ? at : dirname(at), { recursive: true });
    if (typeof what === 'string') writeFileSync(at, what);
    else if (what !== null) symlinkSync(what.to, at);
  }
}

/** Runs `work` with a directory that holds `tree`, and removes it afterwards. */
export async function withFolder<T>(tree: Tree, work: (root: string) => T | Promise<T>): Promise<T> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')));
  const root = join(scratch, 'app');
  mkdirSync(root);
  plant(root, tree);
  try {
    return await work(root);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

export const git = (root: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-C', root, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
