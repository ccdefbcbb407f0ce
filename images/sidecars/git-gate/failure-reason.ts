/** Why something could not be done, for the client; what we did not foresee is told to the log alone. */

import { ConfigError } from './config.ts';
import { GitError } from './git.ts';
import { TooLargeError } from './git-stream.ts';
import { LockError } from './lock.ts';
import { logEvent } from './say.ts';
import { ScanError } from './scan/gitleaks.ts';
import { UpstreamError } from './upstream-failure.ts';

export interface FailureReason {
  /** Stable word for the log. */
  readonly word: string;
  /** For the client, without the prefix. */
  readonly lines: readonly string[];
}

export function failureReason(error: unknown): FailureReason {
  if (error instanceof UpstreamError) return { word: error.reason, lines: error.message.split('\n') };
  if (error instanceof ScanError) {
    return { word: 'not-scanned', lines: [`the push could not be scanned: ${error.message}`] };
  }
  if (error instanceof TooLargeError) {
    return { word: 'too-large', lines: [`the push is too large to be judged: ${error.message}`] };
  }
  if (error instanceof LockError) return { word: 'busy', lines: [error.message] };
  if (error instanceof ConfigError) return { word: 'config', lines: [error.message] };
  if (error instanceof GitError) return { word: 'git', lines: [`git could not do its part: ${error.message}`] };
  logEvent({ event: 'error', why: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' });
  return { word: 'internal', lines: ['internal error, see the log of git-gate'] };
}
