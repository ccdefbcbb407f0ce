/** The Docker CLI as a function. */

import { execa } from 'execa';
import { BottleError } from '../../errors.ts';
import { dockerEnvironment, type Environment } from './environment.ts';
import { dockerFailure, dockerMissing } from './failure.ts';
import type { Redact } from './redact.ts';

export interface DockerOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

export interface CallOptions {
  /** Variables that this call gets beyond what the CLI itself needs: the only way for a value to travel. */
  readonly extraEnv?: Readonly<Record<string, string>>;
  /** @default 60 s; `Infinity`: no limit */
  readonly timeoutMs?: number;
  /** Ends the process group with SIGTERM, and the call rejects with `interrupted` once it is gone. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each line of either stream as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface Docker {
  /** stdout of `docker <args>`; throws a classified {@link BottleError} if it fails. */
  run(args: readonly string[], options?: CallOptions): Promise<string>;
  /** The outcome of `docker <args>`, whatever it is; throws only if there is no `docker`, or on time-out or abort. */
  attempt(args: readonly string[], options?: CallOptions): Promise<DockerOutcome>;
}

export interface DockerOptions {
  readonly env: Environment;
  /** Applied to everything that leaves this module as text of an error. */
  readonly redact?: Redact;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const KILL_AFTER_MS = 5_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Commands of which the second word says what they do. */
const GROUPS = ['compose', 'container', 'image', 'network', 'volume'];

/** The words of a command that name it, without options or values. */
function commandName(args: readonly string[]): string {
  const words = args.filter((word) => /^[a-z]+$/.test(word));
  return words.slice(0, GROUPS.includes(args[0] ?? '') || args[1] === 'inspect' ? 2 : 1).join(' ');
}

export const interrupted = (): BottleError =>
  new BottleError('interrupted', 'interrupted', { fix: 'run the command again' });

/** Ends the process group of `pid`: the CLI's plugins (compose, buildx) are children of its own. */
function endGroup(pid: number | undefined): void {
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // Gone already.
    }
  };
  kill('SIGTERM');
  setTimeout(() => kill('SIGKILL'), KILL_AFTER_MS).unref();
}

/** Both streams of a process, line by line through `onLine` and on. */
function eachLine(onLine: (line: string) => void) {
  const lines = function* (line: unknown) {
    onLine(String(line));
    yield line;
  };
  return { stdout: lines, stderr: lines };
}

export function createDocker({ env, redact = (text) => text }: DockerOptions): Docker {
  const own = dockerEnvironment(env);

  const attempt = async (args: readonly string[], options: CallOptions = {}): Promise<DockerOutcome> => {
    const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    if (signal?.aborted === true) throw interrupted();
    const stream = options.onLine === undefined ? {} : eachLine(options.onLine);
    const child = execa('docker', args, {
      ...stream,
      env: { ...own, ...options.extraEnv },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      // A Ctrl-C of the terminal reaches us alone, so that a clean-up can still use docker.
      detached: true,
      maxBuffer: MAX_OUTPUT,
    });
    const end = { reason: 'exit' as 'exit' | 'late' | 'aborted' };
    const endBecause = (reason: 'late' | 'aborted'): void => {
      end.reason = reason;
      endGroup(child.pid);
    };
    const abort = (): void => endBecause('aborted');
    const timer = Number.isFinite(timeoutMs) ? setTimeout(() => endBecause('late'), timeoutMs) : undefined;
    signal?.addEventListener('abort', abort);
    const result = await child.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
    if (result.code === 'ENOENT') throw dockerMissing();
    if (end.reason === 'aborted') throw interrupted();
    if (end.reason === 'late') {
      throw new BottleError('docker/timed-out', `docker ${commandName(args)} gave no answer in time`, {
        fix: 'check that the engine is well (docker info), and try again',
      });
    }
    return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode };
  };

  return {
    attempt,
    run: async (args, options) => {
      const { stdout, stderr, exitCode } = await attempt(args, options);
      if (exitCode !== 0) throw dockerFailure(commandName(args), redact(stderr), exitCode);
      return stdout;
    },
  };
}
