/** One mirror, one at a time: fetching from the upstream and forwarding to it exclude each other. */

import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { PRIVATE_DIR } from '../../../lib/plan/index.ts';

export class LockError extends Error {
  override readonly name = 'LockError';
}

/** A mirror's lock, held until this process ends and {@link holdUntilEnd} says otherwise. */
export interface MirrorLock {
  readonly descriptor: number;
}

/**
 * Takes the lock of the mirror of `remote`, until this process ends. flock(1) locks the open file that it shares with
 * us, so the kernel gives the lock up whatever becomes of us.
 */
export async function lockMirror(remote: string, seconds = 300): Promise<MirrorLock> {
  const file = openSync(`${PRIVATE_DIR['git-gate']}/${remote}.lock`, 'a', 0o600);
  const child = spawn('flock', ['--exclusive', '--timeout', String(seconds), '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file],
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  if (code !== 0) throw new LockError(`the mirror of ${remote} is busy`);
  return { descriptor: file };
}

/** More than receive-pack needs for its refs, and no more than a client may keep the mirror by not reading the answer. */
const LONGEST = '60';

/**
 * Keeps `lock` until the process `pid` ends, also when this one has: receive-pack moves the mirror's refs after its
 * hook, and a fetch in between would move them first, which the client is told as a failure of what was forwarded.
 */
export function holdUntilEnd(lock: MirrorLock, pid: number): void {
  const wait = ['--foreground', LONGEST, 'tail', `--pid=${pid}`, '--sleep-interval=0.02', '--follow', '/dev/null'];
  const child = spawn('timeout', wait, { stdio: ['ignore', 'ignore', 'ignore', lock.descriptor] });
  child.on('error', () => undefined);
  child.unref();
}
