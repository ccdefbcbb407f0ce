/** What a `docker` command prints, as it comes: for output that does not fit into memory, or has no end. */

import { execa } from 'execa';
import type { BottleError } from '../../errors.ts';
import { dockerFailure, dockerMissing } from '../docker/failure.ts';
import { dockerEnvironment, type Environment } from '../docker/index.ts';

/** Both streams as one, in the order in which docker writes them: two pipes would lose it, or block each other. */
const BOTH_STREAMS = 'exec docker "$@" 2>&1';

/** How long a command that was told to end may take. */
const KILL_AFTER_MS = 2_000;

/**
 * stdout and stderr of `docker <args>`. The reader sets the pace. It ends early when `signal` fires; a reader that
 * leaves ends the command.
 */
export async function* dockerOutput(
  env: Environment,
  args: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Buffer, { readonly exitCode: number | undefined }> {
  const child = execa('/bin/sh', ['-c', BOTH_STREAMS, 'docker', ...args], {
    env: dockerEnvironment(env),
    extendEnv: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    encoding: 'buffer',
    // A Ctrl-C of the terminal reaches us alone, and `signal` tells when that is the end.
    detached: true,
    forceKillAfterDelay: KILL_AFTER_MS,
  });
  const end = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const { exitCode } = await child;
    return { exitCode };
  } finally {
    signal?.removeEventListener('abort', end);
    end();
    await child;
  }
}

const SHELL_NOT_FOUND = 127;

/** The error of a docker command that ended with `exitCode`, having said `text`. */
export const outputFailure = (what: string, text: string, exitCode: number | undefined): BottleError =>
  exitCode === SHELL_NOT_FOUND ? dockerMissing() : dockerFailure(what, text, exitCode);
