/**
 * A change under way, on the disk: what it replaces, as it was, and what it is to be. Whoever takes the bottle's lock
 * next finds it if the process that made the change was ended, and settles it.
 */

import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { BottleError } from '../../errors.ts';
import { ChangeEntry } from '../audit/index.ts';
import { GRANTS_FILE } from '../grants/index.ts';
import { ensureDirectory } from '../state/directory.ts';
import { REPLACED, type Replaced, sha256 } from './policy-files.ts';

const INTENT_DIR = '.change';
const INTENT_FILE = `${INTENT_DIR}/intent.json`;

const replaced = z.enum(REPLACED);
const intent = z.strictObject({
  version: z.literal(1),
  /** What the audit log is told if the change is found done. */
  entry: ChangeEntry,
  /** Files that existed before, and how the daemons get from the new to the old pipelock.yaml. */
  existed: z.array(replaced),
  /** SHA-256 of `grants.json` after the change: it is replaced last, and decides whether the change was made. */
  grants: z.string(),
  /** It only closes: everything was replaced before a daemon was told. */
  narrows: z.literal(true).optional(),
});
export type Intent = z.infer<typeof intent>;

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function writeSynced(path: string, text: string): void {
  const bytes = Buffer.from(text);
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const kept = (stateDir: string, path: Replaced): string => join(stateDir, INTENT_DIR, `before-${basename(path)}`);
const staged = (stateDir: string, name: string): string => join(stateDir, INTENT_DIR, `after-${name}`);
const modeOf = (path: Replaced): number => (path === GRANTS_FILE ? 0o600 : 0o644);

/** A write that found no room, or no right, as an error for a person. */
export function storageFailure(stateDir: string, error: unknown): unknown {
  const cause = error instanceof BottleError ? error.cause : error;
  if (!(cause instanceof Error) || !('code' in cause) || !('syscall' in cause)) return error;
  const isFull = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  return new BottleError(
    isFull ? 'apply/disk-full' : 'deploy/state-not-writable',
    isFull ? `the disk of ${stateDir} is full` : `the state directory cannot be written: ${cause.message}`,
    { fix: isFull ? 'free some space there and try again' : `check who owns ${stateDir}`, cause },
  );
}

/**
 * Puts everything on the disk that the change will need: links to the files as they are, so that bringing them back
 * takes no room, the new texts by name, and at last the intent. Nothing is replaced yet.
 */
export function writeIntent(stateDir: string, value: Intent, texts: ReadonlyMap<string, string>): void {
  try {
    ensureDirectory(join(stateDir, INTENT_DIR), 0o700);
    for (const path of value.existed) linkSync(join(stateDir, path), kept(stateDir, path));
    for (const [name, text] of texts) writeSynced(staged(stateDir, name), text);
    const file = join(stateDir, INTENT_FILE);
    writeSynced(`${file}.tmp`, JSON.stringify(value));
    renameSync(`${file}.tmp`, file);
    syncDirectory(join(stateDir, INTENT_DIR));
  } catch (error) {
    removeIntent(stateDir);
    throw storageFailure(stateDir, error);
  }
}

/** Replaces `path` by the new text called `name`. */
export function putStaged(stateDir: string, path: Replaced, name: string): void {
  try {
    chmodSync(staged(stateDir, name), modeOf(path));
    renameSync(staged(stateDir, name), join(stateDir, path));
    syncDirectory(dirname(join(stateDir, path)));
  } catch (error) {
    throw storageFailure(stateDir, error);
  }
}

/** Puts every file back as it was. It can be done again as often as it is interrupted. */
export function putBack(stateDir: string, { existed }: Intent): void {
  for (const path of [...REPLACED].reverse()) {
    const place = join(stateDir, path);
    if (existed.includes(path)) {
      const again = `${kept(stateDir, path)}.again`;
      rmSync(again, { force: true });
      linkSync(kept(stateDir, path), again);
      // Where the file never was replaced both are one inode, and rename(2) then leaves the name behind.
      renameSync(again, place);
      rmSync(again, { force: true });
    } else rmSync(place, { force: true });
    if (existsSync(dirname(place))) syncDirectory(dirname(place));
  }
}

export function removeIntent(stateDir: string): void {
  rmSync(join(stateDir, INTENT_DIR), { recursive: true, force: true });
}

/** The change that was under way when its process ended; undefined if there is none, or if it had not begun. */
export function readIntent(stateDir: string): Intent | undefined {
  const file = join(stateDir, INTENT_FILE);
  if (!existsSync(file)) return undefined;
  try {
    return intent.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new BottleError('state/bad-intent', `${file} cannot be read`, {
      fix: 'remove the directory that it lies in, then run bottle deploy',
      cause,
    });
  }
}

/** Whether the change was made: `grants.json`, which is replaced last, is the new one. */
export function isCommitted(stateDir: string, { grants }: Intent): boolean {
  const file = join(stateDir, GRANTS_FILE);
  return existsSync(file) && sha256(readFileSync(file)) === grants;
}
