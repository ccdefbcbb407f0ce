/** The files of a state directory as a value: compared, written and put back as a whole. */

import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BottleError, reasonOf } from '../../errors.ts';
import { ensureDirectory } from '../../operate/state/directory.ts';
import { DAEMONS } from '../../plan/index.ts';

export interface StateFile {
  readonly content: Buffer;
  /** 0600 for what is secret, else 0644, or 0755 for programs. */
  readonly mode: number;
}

/** By path relative to the state directory. */
export type StateFiles = ReadonlyMap<string, StateFile>;

export const PUBLIC = 0o644;
export const SECRET = 0o600;

export const textFile = (text: string, mode: number = PUBLIC): StateFile => ({ content: Buffer.from(text), mode });

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Directories with a mode of their own; all others are 0755, so that daemons of any uid can read their mounts. */
const PRIVATE_DIRECTORY = /^(secrets|ca|logs|declared)(\/|$)/;
const directoryMode = (path: string): number => (PRIVATE_DIRECTORY.test(path) ? 0o700 : 0o755);

/** The files of `paths` that exist below `root`, as they are. Never follows a link. */
export function readStateFiles(root: string, paths: Iterable<string>): StateFiles {
  const files = new Map<string, StateFile>();
  for (const path of paths) {
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (stat?.isFile() !== true) continue;
    files.set(path, { content: readFileSync(join(root, path)), mode: stat.mode & 0o777 });
  }
  return files;
}

/** What deploy owns of a state directory: it removes what it finds there and does not know. */
const OWN_FILES = ['compose.yaml', 'compose.override.yaml', '.env', 'deployed.json', 'grants.json'];
const OWN_DIRECTORIES = [...DAEMONS, 'agent', 'trust', 'secrets', 'ca', 'declared'];

/** All files that deploy owns in the state directory `root`: not the queue, the logs and the audit log. */
export function readOwnFiles(root: string): StateFiles {
  const below = OWN_DIRECTORIES.filter((name) => existsSync(join(root, name))).flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((path) => `${name}/${path}`),
  );
  return readStateFiles(root, [...OWN_FILES, ...below]);
}

/** Paths whose content or mode differs between two sets, and paths that only one of them has. */
export function changedPaths(before: StateFiles, after: StateFiles): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => {
    const old = before.get(path);
    const now = after.get(path);
    return old === undefined || now === undefined || old.mode !== now.mode || !old.content.equals(now.content);
  });
}

/** The directories above `path`, outermost first, relative. */
function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...parents(parent), parent];
}

/**
 * Makes `root` hold `after` where it held `before`: what differs is written beside its place and renamed, what is gone
 * is removed. Nothing is in place before everything is on the disk.
 */
export function replaceStateFiles(root: string, before: StateFiles, after: StateFiles): void {
  const changed = changedPaths(before, after);
  if (changed.length === 0) return;
  const staging = join(root, `.staging-${randomBytes(6).toString('hex')}`);
  try {
    ensureDirectory(staging, 0o700);
    const staged = changed.flatMap((path) => {
      const file = after.get(path);
      return file === undefined ? [] : [{ path, file, at: join(staging, randomBytes(8).toString('hex')) }];
    });
    for (const { file, at } of staged) writeFileSync(at, file.content, { mode: SECRET, flag: 'wx' });
    for (const { path, file, at } of staged) {
      for (const parent of parents(path)) ensureDirectory(join(root, parent), directoryMode(parent));
      put(at, join(root, path), file.mode);
    }
    for (const path of changed) if (!after.has(path)) rmSync(join(root, path), { force: true });
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new BottleError('deploy/state-not-writable', `the state directory cannot be written: ${reason}`, {
      fix: `free the disk or the path, and check who owns ${root}`,
      cause,
    });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function put(staged: string, destination: string, mode: number): void {
  chmodSync(staged, mode);
  if (existsSync(destination) && lstatSync(destination).isDirectory()) rmSync(destination, { recursive: true });
  renameSync(staged, destination);
}

/** Removes the directories below `root` in which nothing lies, `kept` of its own and what is below them aside. */
export function removeEmptyDirectories(root: string, kept: readonly string[] = []): void {
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.isDirectory() || kept.includes(entry.name)) continue;
    const directory = join(root, entry.name);
    removeEmptyDirectories(directory);
    if (readdirSync(directory).length === 0) rmdirSync(directory);
  }
}
