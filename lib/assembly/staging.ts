/** Where a synth keeps what it has written until all of it can be put in place, and what is left where one was killed. */

import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Tells this machine or container: elsewhere, the number of a process means another. */
const here = (): string => createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

const STAGING = /^\.staging-([1-9]\d*)-[0-9a-f]+(?:-([0-9a-f]{8}))?$/;

/** A new directory's path in `outdir`, which is on the file system that its files are renamed on. */
export const stagingPath = (outdir: string): string =>
  join(outdir, `.staging-${process.pid}-${randomBytes(4).toString('hex')}-${here()}`);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is no less alive.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Whether the directory `name` is one whose process has ended. */
function isLeft(name: string): boolean {
  const [, pid, host = here()] = STAGING.exec(name) ?? [];
  return pid !== undefined && host === here() && !isAlive(Number(pid));
}

/** Removes the staging directories of processes of this machine that have ended, as far as they can be removed. */
export function removeLeftStaging(outdir: string): void {
  try {
    for (const entry of readdirSync(outdir, { withFileTypes: true })) {
      if (entry.isDirectory() && isLeft(entry.name)) rmSync(join(outdir, entry.name), { recursive: true, force: true });
    }
  } catch {
    // No output directory yet, or no right to: they are in nobody's way.
  }
}
