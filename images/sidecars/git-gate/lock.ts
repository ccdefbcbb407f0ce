/** One mirror, one at a time: fetching from the upstream and forwarding to it exclude each other. */

import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { PRIVATE_DIR } from '../../../lib/plan/index.ts';

export class LockError extends Error {
  override readonly name = 'LockError';
}

/**
 * Takes the lock of the mirror of `remote`, until this process ends. flock(1) locks the open file that it shares with
 * us, so the kernel gives the lock up whatever becomes of us.
 */
export async function lockMirror(remote: string, seconds = 300): Promise<void> {
  const file = openSync(`${PRIVATE_DIR['git-gate']}/${remote}.lock`, 'a', 0o600);
  const child = spawn('flock', ['--exclusive', '--timeout', String(seconds), '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file],
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  if (code !== 0) throw new LockError(`the mirror of ${remote} is busy`);
}
