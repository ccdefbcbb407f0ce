/** What the daemons of a bundle wrote. The init prefixes every line with `[daemon] `. */

import type { Daemon } from '../plan/index.ts';
import type { Docker } from './docker/index.ts';

/** Enough to hold the last lines of a daemon whose siblings talk a lot. */
const TAIL = 2_000;

/** Everything that a container wrote, or its last `tail` lines. */
export async function containerLog(docker: Docker, id: string, tail: number | 'all' = TAIL): Promise<string> {
  const { stdout, stderr } = await docker.attempt(['logs', '--tail', String(tail), id], { timeoutMs: 120_000 });
  return [stdout, stderr].filter((text) => text !== '').join('\n');
}

/** The last `count` lines of `log` that `daemon` wrote; without a daemon, of all lines. */
export function lastLines(log: string, count: number, daemon?: Daemon): readonly string[] {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  return (daemon === undefined ? lines : lines.filter((line) => line.startsWith(`[${daemon}] `))).slice(-count);
}
