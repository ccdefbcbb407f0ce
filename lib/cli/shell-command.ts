/**
 * A command line of the user, run by the shell. With Node's own module: what drives Docker is a large package, and a synth
 * that loads it takes half as long again.
 */

import { spawn } from 'node:child_process';
import { endGroup, endGroupWithUs } from './process-group.ts';

export interface ShellOutcome {
  /** Undefined if the command could not be started, or was ended by a signal. */
  readonly exitCode?: number;
  readonly signal?: NodeJS.Signals;
  /** What it printed on stderr, without the last line's end; why it could not be started. */
  readonly stderr: string;
}

export interface ShellOptions {
  readonly cwd: string;
  /** Ends the command. */
  readonly signal: AbortSignal;
  /** Each line of its stdout, as soon as it is there. */
  readonly onLine: (line: string) => void;
  /** Beside our own. */
  readonly env: Readonly<Record<string, string>>;
}

/** Hands on whole lines of what comes in pieces. */
function lineReader(onLine: (line: string) => void): { take(text: string): void; end(): void } {
  let rest = '';
  return {
    take: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line.replace(/\r$/, ''));
    },
    end: () => {
      if (rest !== '') onLine(rest);
    },
  };
}

/**
 * Runs `command` to its end, whatever that is. Throws only if `signal` ended it, once all is gone that it started: the
 * shell waits for what it runs, so a signal to the shell alone would leave that running. In a group of its own, because a
 * Ctrl-C of the terminal would otherwise come twice, and reach what it started at another time than us.
 */
export function shellCommand(command: string, { cwd, signal, onLine, env }: ShellOptions): Promise<ShellOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: true,
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const group = child.pid;
    const release = group === undefined ? () => {} : endGroupWithUs(group);
    const lines = lineReader(onLine);
    const printed: string[] = [];
    child.stdout.setEncoding('utf8').on('data', lines.take);
    child.stderr.setEncoding('utf8').on('data', (text: string) => printed.push(text));
    let failure: Error | undefined;
    child.on('error', (error) => {
      failure = error;
    });
    const end = async (): Promise<void> => {
      if (group !== undefined) await endGroup(group);
      release();
      // What has left the group may hold the streams: nobody waits for that.
      child.stdout.destroy();
      child.stderr.destroy();
      reject(new Error('the command was ended'));
    };
    const ended = (): void => void end();
    signal.addEventListener('abort', ended, { once: true });
    if (signal.aborted) ended();
    child.on('close', (code, endedBy) => {
      signal.removeEventListener('abort', ended);
      if (signal.aborted) return;
      release();
      lines.end();
      const stderr = `${printed.join('')}${failure?.message ?? ''}`.replace(/\r?\n$/, '');
      const isOurs = failure === undefined;
      resolve({
        stderr,
        ...(isOurs && code !== null ? { exitCode: code } : {}),
        ...(endedBy === null ? {} : { signal: endedBy }),
      });
    });
  });
}
