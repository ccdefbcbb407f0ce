/** What the daemons of a bundle wrote. The init prefixes every line with `[daemon] `. */

import type { Daemon } from '../plan/index.ts';
import type { Docker } from './docker/index.ts';

/** Enough to hold the last lines of a daemon whose siblings talk a lot. */
const TAIL = 2_000;

/** As the engine writes it: always nine digits, so that lines sort as text. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\S* /;

/** The last lines that a container wrote, both streams in the order of time, without their times. */
export async function containerLog(docker: Docker, id: string): Promise<readonly string[]> {
  const args = ['logs', '--timestamps', '--tail', String(TAIL), id];
  const { stdout, stderr } = await docker.attempt(args, { timeoutMs: 120_000 });
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => TIMESTAMP.test(line));
  const time = (line: string): string => line.slice(0, line.indexOf(' '));
  const sorted = lines.sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0));
  return sorted.map((line) => line.replace(TIMESTAMP, ''));
}

/** The last `count` of `lines` that `daemon` wrote; without a daemon, of all. */
export function lastLines(lines: readonly string[], count: number, daemon?: Daemon): readonly string[] {
  const theirs = daemon === undefined ? lines : lines.filter((line) => line.startsWith(`[${daemon}] `));
  return theirs.filter((line) => line.trim() !== '').slice(-count);
}
