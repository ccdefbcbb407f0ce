/** The one line of the log that each push gets, in one form whatever became of it. */

import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import type { LoggedFinding } from './finding-lines.ts';
import type { RefUpdate } from './ref-update.ts';
import { logEvent } from './say.ts';

export interface Rejection {
  /** How far the push came: `scan` before the upstream is asked, `upstream` before, `forward` while it is forwarded. */
  readonly stage: 'access' | 'scan' | 'upstream' | 'forward';
  /** What decided: `secret`, `rule`, or why it could not be judged or forwarded. */
  readonly reason: string;
  /** What the client was told, without the lines on secrets; names that hold one are withheld. */
  readonly refused: readonly string[];
  readonly findings?: readonly LoggedFinding[];
  /** How many findings there are in all, and by which rules of the scan. */
  readonly count?: number;
  readonly rules?: readonly string[];
}

export interface PushLog {
  rejected(rejection: Rejection): void;
  forwarded(updates: readonly RefUpdate[], objects: number): void;
}

/** The log of a push of `refs` refs to `remote`, which begins now. */
export function pushLog(remote: Pick<GitRemoteEntry, 'name'>, refs: number): PushLog {
  const started = Date.now();
  const log = (verdict: 'forwarded' | 'rejected', more: object): void =>
    logEvent({ event: 'push', remote: remote.name, verdict, refs, ms: Date.now() - started, ...more });
  return {
    rejected: (rejection) => log('rejected', { rules: [], findings: [], count: 0, ...rejection }),
    forwarded: (updates, objects) => log('forwarded', { names: updates.map(({ ref }) => ref), objects }),
  };
}
