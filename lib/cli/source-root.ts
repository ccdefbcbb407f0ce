/** The repository that a project lies in: reports for other programs name files from its root. */

import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** The nearest directory with a `.git`, at or above `directory`; `directory` itself without one. */
export function sourceRoot(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return directory;
  }
}

/** The way from the repository's root to `path`, with slashes; undefined if it lies outside. */
export function fromSourceRoot(root: string, path: string): string | undefined {
  const way = relative(root, path).split(sep).join('/');
  return way === '..' || way.startsWith('../') ? undefined : way;
}
