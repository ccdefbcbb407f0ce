/** Copies a directory of the host: links as links, no special file, and modes that say no more than git's do. */

import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { holdsCredential } from '../host-files/credential-files.ts';
import { openRegular } from '../host-files/open-regular.ts';
import { isWithin } from '../host-files/real-path.ts';

export interface CopyTree {
  /** Real paths. `to` does not exist. */
  readonly from: string;
  readonly to: string;
  /** Of a path relative to `from`, with a slash at the end if it is a directory. */
  readonly isLeftOut: (path: string) => boolean;
  readonly note: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface CopiedTree {
  readonly files: number;
  readonly bytes: number;
  /** All relative to the directory. Links that lead out of it, which dangle in the container. */
  readonly leadingOut: readonly string[];
  /** Sockets, pipes and devices. */
  readonly special: readonly string[];
  readonly credentials: readonly string[];
}

/** A path that cannot be copied, and why. */
export class NotCopied extends Error {
  readonly path: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path} ${reason}`, { cause });
    this.path = path;
  }
}

/** Above this a copy does not hold up signals and progress. */
const LARGE = 4 * 1024 * 1024;
const TURN_MS = 50;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

function amount(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ['kB', bytes / 1e3] : bytes < 1e9 ? ['MB', bytes / 1e6] : ['GB', bytes / 1e9];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

export const amountText = ({ files, bytes }: Pick<CopiedTree, 'files' | 'bytes'>): string =>
  `${files.toLocaleString('en-US')} ${files === 1 ? 'file' : 'files'}, ${amount(bytes)}`;

/**
 * Copies one regular file, by the blocks of the file system where it can share them. What was a file when it was listed
 * and is something else now is not followed. Undefined if it is no file any more.
 */
async function copyRegular(from: string, to: string): Promise<number | undefined> {
  const handle = openRegular(from);
  try {
    const { size, mode, ...stat } = fstatSync(handle);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || stat.nlink === 0) return undefined;
    const source = process.platform === 'linux' ? `/proc/self/fd/${handle}` : from;
    if (size > LARGE) await copyFile(source, to, constants.COPYFILE_FICLONE);
    else copyFileSync(source, to, constants.COPYFILE_FICLONE);
    chmodSync(to, (mode & 0o100) === 0 ? 0o644 : 0o755);
    return size;
  } finally {
    closeSync(handle);
  }
}

/** Rejects with a {@link NotCopied} that names the first path which cannot be copied. */
export async function copyTree({ from, to, isLeftOut, note, signal }: CopyTree): Promise<CopiedTree> {
  const counts = { files: 0, bytes: 0 };
  const leadingOut: string[] = [];
  const special: string[] = [];
  const credentials: string[] = [];
  let turn = Date.now();

  const breathe = async (): Promise<void> => {
    if (Date.now() - turn < TURN_MS) return;
    note(amountText(counts));
    await nextTurn();
    signal?.throwIfAborted();
    turn = Date.now();
  };

  const link = (path: string): void => {
    const target = readlinkSync(join(from, path));
    symlinkSync(target, join(to, path));
    const leads = resolve(dirname(join(from, path)), target);
    if (target.startsWith('/') || !isWithin(leads, from)) leadingOut.push(path);
  };

  const one = async (path: string): Promise<void> => {
    const stat = lstatSync(join(from, path), { throwIfNoEntry: false });
    if (stat === undefined) {
      if (path.includes('\ufffd')) throw new NotCopied(path, 'has a name that is not UTF-8');
      return;
    }
    if (isLeftOut(stat.isDirectory() ? `${path}/` : path)) return;
    if (stat.isDirectory()) return directory(path);
    if (stat.isSymbolicLink()) return link(path);
    const size = stat.isFile() ? await copyRegular(join(from, path), join(to, path)) : undefined;
    if (size === undefined) {
      special.push(path);
      return;
    }
    counts.files += 1;
    counts.bytes += size;
    if (holdsCredential(join(from, path))) credentials.push(path);
  };

  const directory = async (path: string): Promise<void> => {
    mkdirSync(join(to, path), { mode: 0o755 });
    chmodSync(join(to, path), 0o755);
    for (const name of readdirSync(join(from, path)).sort()) {
      const inner = join(path, name);
      try {
        await one(inner);
      } catch (cause) {
        if (cause instanceof NotCopied || signal?.aborted === true) throw cause;
        if (codeOf(cause) === 'ENOENT') continue;
        const reason = { EACCES: 'may not be read by you', ENOSPC: 'does not fit on the disk of the state directory' };
        throw new NotCopied(
          inner,
          Object.entries(reason).find(([code]) => code === codeOf(cause))?.[1] ?? `cannot be copied: ${codeOf(cause)}`,
          cause,
        );
      }
      await breathe();
    }
  };

  await directory('');
  return { ...counts, leadingOut, special, credentials };
}
