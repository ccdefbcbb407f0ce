/** One process at a time changes a bottle: a deploy, a destroy, a live change of its policy. */

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError, reasonOf } from '../../errors.ts';
import { ensureDirectory, stateDirectory, statesDirectory } from './directory.ts';

/** What tells a process from a later one with the same pid: its start time (proc(5), field 22). Linux only. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

const identity = (pid: number): string => `${pid} ${startTime(pid)}\n`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The process that wrote the lock `text`, or undefined if it has ended. */
function holder(text: string): number | undefined {
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && isAlive(pid) && text === identity(pid) ? pid : undefined;
}

/** Removes the lock of a dead process, but not one that somebody took in its place meanwhile. */
function removeStale(file: string, text: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (textOf(aside) !== text) linkSync(aside, file);
  } catch {
    // Somebody else was faster: taking the lock will tell.
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Links a complete lock into place: unlike writing it there, that can't be seen half done. */
function take(file: string): boolean {
  const own = `${file}.${process.pid}`;
  try {
    writeFileSync(own, identity(process.pid), { mode: 0o600 });
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    const reason = reasonOf(error);
    throw new BottleError('deploy/state-not-writable', `the lock ${file} cannot be written: ${reason}`, {
      fix: 'set CLAUDE_BOTTLE_HOME to a directory of your own, on a disk that you may write',
      cause: error,
    });
  } finally {
    rmSync(own, { force: true });
  }
}

/** Takes the lock `file`, also from a process that has ended; otherwise the process that holds it, if it can be told. */
function takenBy(file: string): { readonly pid: number | undefined } | undefined {
  if (take(file)) return undefined;
  const text = textOf(file) ?? '';
  const pid = holder(text);
  if (pid === undefined) removeStale(file, text);
  return pid !== undefined || !take(file) ? { pid } : undefined;
}

const LOOK_EVERY_MS = 50;

/**
 * Runs `work` as the only one that changes the bottle `slug`. Another's work is waited for, `waitMs` at most; then this
 * throws `deploy/locked`.
 */
export async function withLock<T>(home: string, slug: string, work: () => Promise<T>, waitMs = 0): Promise<T> {
  ensureDirectory(statesDirectory(home), 0o700);
  const file = `${stateDirectory(home, slug)}.lock`;
  const deadline = Date.now() + waitMs;
  for (;;) {
    const other = takenBy(file);
    if (other === undefined) break;
    if (Date.now() >= deadline) {
      throw new BottleError(
        'deploy/locked',
        `another process (pid ${other.pid ?? '?'}) is changing the bottle ${slug}`,
        {
          fix: `wait for it to end; if there is none, remove ${file}`,
        },
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
