/** Whether the daemons run the policy that lies in the state directory. */

import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, type Daemon } from '../../plan/index.ts';

/** `in force`: the daemon runs the file; `pending`: it runs another; `unknown`: it does not say, or there is no file. */
export type PolicyStanding = 'in force' | 'pending' | 'unknown';

export interface PolicyStatus {
  readonly standing: PolicyStanding;
  /** SHA-256 (hex) of what the daemon runs and of the file; null where it is not known. */
  readonly running: string | null;
  readonly file: string | null;
}

/** SHA-256 of the daemon's policy file below `stateDir`. */
function fileDigest(stateDir: string, daemon: Daemon): string | null {
  const file = join(stateDir, CONFIG_FILE[daemon].replace(/^\/etc\//, ''));
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return null;
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

export function policyStatus(stateDir: string, daemon: Daemon, running: string | undefined): PolicyStatus {
  const file = fileDigest(stateDir, daemon);
  const known = running === undefined || running === '' ? null : running;
  const standing = file === null || known === null ? 'unknown' : file === known ? 'in force' : 'pending';
  return { standing, running: known, file };
}
