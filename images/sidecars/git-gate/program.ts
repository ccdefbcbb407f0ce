/** Runs another program to its end, with a bounded time and a bounded output, and its arguments never in a shell. */

import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string | Buffer;
  readonly timeoutMs: number;
  /** Bytes of stdout above which the program is ended; 256 MiB unless given. */
  readonly maxOutput?: number;
}

export interface Outcome {
  /** Exit code; null if it did not start, was killed or was ended by us. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Why it has no exit code, for messages: `timed out`, `not found`. */
  readonly problem?: string;
}

const STDERR_KEPT = 64 * 1024;

export function run(program: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: options.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let size = 0;
    let errorSize = 0;
    let problem: string | undefined;
    const end = (why: string): void => {
      problem ??= why;
      // On SIGTERM git ends its own children, ssh among them; SIGKILL would leave them.
      child.kill('SIGTERM');
      killer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    };
    let killer: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => end(`no end after ${options.timeoutMs / 1000} s`), options.timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > (options.maxOutput ?? 256 * 1024 * 1024)) end('too much output');
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errorSize += chunk.length;
      if (errorSize <= STDERR_KEPT) stderr.push(chunk);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      problem ??= error.code === 'ENOENT' ? 'not found' : `cannot run (${error.code ?? 'unknown'})`;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      clearTimeout(killer);
      if (code === null || code < 0) problem ??= `ended by ${signal ?? 'an error'}`;
      resolve({
        code: problem === undefined ? code : null,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
        ...(problem === undefined ? {} : { problem }),
      });
    });
    // The reader may have closed its end: what counts is how it ended.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
