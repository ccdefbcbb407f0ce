/** The build context of a user's own image: what of it a build can see, as one hash, and what it should not see. */

import { createHash, type Hash } from 'node:crypto';
import { closeSync, lstatSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import dockerignore from '@balena/dockerignore';
import { holdsCredential } from '../host-files/credential-files.ts';
import { openRegular } from '../host-files/open-regular.ts';

export interface UserContext {
  /** SHA-256 (hex) over paths, modes and contents. */
  readonly hash: string;
  /** Files that look like credentials, relative to the context. */
  readonly credentials: readonly string[];
}

const CHUNK = 1 << 20;

function addFile(hash: Hash, file: string, buffer: Buffer): void {
  const handle = openRegular(file);
  try {
    for (;;) {
      const count = readSync(handle, buffer, 0, CHUNK, null);
      if (count === 0) return;
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(handle);
  }
}

const textOf = (file: string): string | undefined => {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true ? readFileSync(file, 'utf8') : undefined;
};

/** The rules in force: those beside the Dockerfile under its name come before the context's own. */
const ignoreText = (context: string, dockerfile: string): string =>
  textOf(`${dockerfile}.dockerignore`) ?? textOf(join(context, '.dockerignore')) ?? '';

/** Reads the whole context, as a build does. Both paths are absolute, `dockerfile` in the context. */
export function userContext(
  context: string,
  dockerfile: string,
  inputs: Readonly<Record<string, string>>,
): UserContext {
  const text = ignoreText(context, dockerfile);
  const rules = dockerignore.default().add(text);
  // Without exceptions nothing below a directory that is left out comes back.
  const hasExceptions = /^\s*!/m.test(text);
  const hash = createHash('sha256');
  const add = (word: string): void => {
    hash.update(`${Buffer.byteLength(word)}:${word}`);
  };
  for (const [name, value] of Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1))) {
    add(name);
    add(value);
  }
  add(text);
  add(readFileSync(dockerfile, 'utf8'));
  const credentials: string[] = [];
  const buffer = Buffer.alloc(CHUNK);

  const visit = (path: string): void => {
    for (const name of readdirSync(join(context, path)).sort()) {
      const inner = join(path, name);
      const file = join(context, inner);
      const stat = lstatSync(file);
      const isLeftOut = rules.ignores(inner);
      if (stat.isDirectory() && (!isLeftOut || hasExceptions)) visit(inner);
      if (isLeftOut) continue;
      const kind = stat.isDirectory()
        ? 'directory'
        : stat.isSymbolicLink()
          ? 'link'
          : stat.isFile()
            ? 'file'
            : undefined;
      if (kind === undefined) continue;
      add(`${kind} ${(stat.mode & 0o777).toString(8)} ${kind === 'file' ? stat.size : 0}`);
      add(inner);
      if (kind === 'link') add(readlinkSync(file));
      if (kind !== 'file') continue;
      addFile(hash, file, buffer);
      if (file !== dockerfile && basename(file) !== '.dockerignore' && holdsCredential(file)) credentials.push(inner);
    }
  };
  visit('');
  return { hash: hash.digest('hex'), credentials };
}

/** The value of `name` for a `FROM`: as given, or the Dockerfile's own default. */
function argument(dockerfile: string, args: Readonly<Record<string, string>>, name: string): string {
  const given = Object.hasOwn(args, name) ? args[name] : undefined;
  const declared = new RegExp(`^\\s*ARG\\s+${name}=(\\S+)`, 'im').exec(dockerfile)?.[1];
  return given ?? declared?.replace(/^(["'])(.*)\1$/, '$2') ?? '';
}

/** The images that a Dockerfile starts from or copies from, with its arguments put in; names of its stages among them. */
export function baseReferences(dockerfile: string, args: Readonly<Record<string, string>>): readonly string[] {
  const words = [...dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)|--from=(\S+)/gim)].map(
    ([, from, copied]) => from ?? copied ?? '',
  );
  const filled = words.map((word) =>
    word.replace(
      /\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g,
      (_, braced, fallback, plain) => argument(dockerfile, args, String(braced ?? plain)) || String(fallback ?? ''),
    ),
  );
  return [...new Set(filled.filter((word) => word !== '' && word !== 'scratch' && !/^\d+$/.test(word)))].sort();
}
