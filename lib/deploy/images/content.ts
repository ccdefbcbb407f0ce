/** Build contexts as data: hashed without regard to the machine, written out only for a build. */

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ContextFile {
  /** Relative to the context, with forward slashes. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** SHA-256 over the files and `inputs` (build arguments, ids of bases), each with its length: hex. */
export function contentHash(files: readonly ContextFile[], inputs: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  const add = (bytes: Uint8Array | string) => {
    const buffer = Buffer.from(bytes);
    hash.update(`${buffer.length}:`).update(buffer);
  };
  for (const [name, value] of Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1))) {
    add(`input ${name}`);
    add(value);
  }
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    add(`${file.executable ? 'program' : 'file'} ${file.path}`);
    add(file.content);
  }
  return hash.digest('hex');
}

/** The tag of an image: `<repository>:<first 12 digits of the hash>`. */
export const contentTag = (repository: string, hash: string): string => `${repository}:${hash.slice(0, 12)}`;

function makeFolder(root: string, path: string): void {
  mkdirSync(root, { recursive: true });
  let folder = root;
  for (const part of path.split('/').filter((name) => name !== '.')) {
    folder = join(folder, part);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
  }
}

/** Writes `files` below `root`. Modes are set whatever the user's umask, because `COPY` takes them over. */
export function writeContext(files: readonly ContextFile[], root: string): void {
  for (const { path, content, executable } of files) {
    makeFolder(root, dirname(path));
    const target = join(root, path);
    writeFileSync(target, content);
    chmodSync(target, executable ? 0o755 : 0o644);
  }
}
