/**
 * The errors that a user can cause or meet. Anything else that is thrown is a bug and prints its stack.
 * No message, fix or detail ever holds a secret value.
 */

export interface BottleErrorOptions {
  /** What to do about it, one sentence. */
  readonly fix?: string;
  /** Further lines to show, e.g. the last lines of a daemon's log. */
  readonly details?: readonly string[];
  readonly cause?: unknown;
  /** Exit code of the CLI: 1 unless the command line itself is wrong (2). */
  readonly exitCode?: 1 | 2;
}

export class BottleError extends Error {
  override readonly name = 'BottleError';
  /** Stable and literal, e.g. `deploy/host-variable-unset`. */
  readonly code: string;
  readonly fix: string | undefined;
  readonly details: readonly string[];
  readonly exitCode: 1 | 2;

  constructor(code: string, message: string, options: BottleErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.fix = options.fix;
    this.details = options.details ?? [];
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What `thrown` says of itself: the reason in a message of ours. */
export const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
