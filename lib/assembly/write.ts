/** Puts a set of files in place, all of them or none. */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BottleError, reasonOf } from '../errors.ts';
import { removeLeftStaging, stagingPath } from './staging.ts';

/**
 * Whether `file` holds `bytes`, whatever the manifest says of it: somebody may have changed it. Most that are not the same
 * differ in size.
 */
export function holds(file: string, bytes: Buffer): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === bytes.length && readFileSync(file).equals(bytes);
}

/** Removes `directory` and its parents up to `root` as far as they are empty. */
function removeEmptied(directory: string, root: string): void {
  for (let at = directory; at !== root && at.startsWith(`${root}/`); at = dirname(at)) {
    if (!existsSync(at) || readdirSync(at).length > 0) return;
    rmdirSync(at);
  }
}

function failure(outdir: string, cause: unknown): BottleError {
  const reason = reasonOf(cause);
  return new BottleError('synth/output-not-writable', `the output directory ${outdir} cannot be written: ${reason}`, {
    fix: 'free the path or name another directory with --output',
    cause,
  });
}

/** Makes directories, each asked for once: with thousands of bottles, asking the file system is what a synth costs. */
function directoryMaker(): (directory: string) => void {
  const made = new Set<string>();
  return (directory) => {
    if (made.has(directory)) return;
    mkdirSync(directory, { recursive: true });
    made.add(directory);
  };
}

/** What is renamed into place for a path: a folder that is not there yet goes as a whole, anything else file by file. */
function unitOf(path: string, outdir: string, absent: Map<string, boolean>): string {
  const slash = path.indexOf('/');
  if (slash === -1) return path;
  const top = path.slice(0, slash);
  const known = absent.get(top) ?? !existsSync(join(outdir, top));
  absent.set(top, known);
  return known ? top : path;
}

/**
 * Writes `files` (what they hold, by path relative to `outdir`) and removes `stale`. Everything is first written beside its
 * destination's root, so that a full disk or a missing right leaves `outdir` as it was; then each file is renamed into
 * place, in the given order. A file that already holds its bytes is not touched. What a killed write left goes first.
 */
export function replaceFiles(outdir: string, files: ReadonlyMap<string, Buffer>, stale: readonly string[]): void {
  removeLeftStaging(outdir);
  const staging = stagingPath(outdir);
  const makeDirectory = directoryMaker();
  try {
    const absent = new Map<string, boolean>();
    const units = new Set<string>();
    for (const [path, bytes] of files) {
      const unit = unitOf(path, outdir, absent);
      if (unit === path && holds(join(outdir, path), bytes)) continue;
      const staged = join(staging, path);
      makeDirectory(dirname(staged));
      writeFileSync(staged, bytes);
      units.add(unit);
    }
    for (const unit of units) {
      makeDirectory(dirname(join(outdir, unit)));
      renameSync(join(staging, unit), join(outdir, unit));
    }
    for (const path of stale) {
      rmSync(join(outdir, path), { force: true });
      removeEmptied(dirname(join(outdir, path)), outdir);
    }
  } catch (cause) {
    throw failure(outdir, cause);
  } finally {
    if (existsSync(staging)) rmSync(staging, { recursive: true, force: true });
  }
}
