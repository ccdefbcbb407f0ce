/** The logs that destroy saved: `logs/<UTC time>-<service>.log` of the state directory. */

import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type LogLine, logLine } from './log-line.ts';
import { merged } from './merge.ts';
import { timedLines } from './timed-lines.ts';

export const LOGS_DIRECTORY = 'logs';

/** `20260131T120000Z`: sorts by time and is a file name everywhere. */
export const teardownStamp = (now: Date): string => now.toISOString().replace(/[-:]|\.\d+/g, '');

/** Name of the file for the container of `service`. */
export const savedLogName = (stamp: string, service: string): string =>
  `${stamp}-${/^[a-z-]+$/.test(service) ? service : 'container'}.log`;

const SAVED = /^(\d{8}T\d{6}Z)-([a-z-]+)\.log$/;

export interface SavedLog {
  readonly file: string;
  readonly stamp: string;
  readonly service: string;
}

/** The saved logs of a state directory, oldest first. */
export function savedLogs(stateDir: string): readonly SavedLog[] {
  const directory = join(stateDir, LOGS_DIRECTORY);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name }) => {
      const [, stamp, service] = SAVED.exec(name) ?? [];
      return stamp === undefined || service === undefined ? [] : [{ file: join(directory, name), stamp, service }];
    });
}

async function* linesOf({ file, service }: SavedLog): AsyncGenerator<readonly LogLine[]> {
  for await (const batch of timedLines(createReadStream(file))) yield batch.map((line) => logLine(service, line));
}

/** All lines of them, in the order of time: one teardown after the other. */
export async function* savedLines(logs: readonly SavedLog[]): AsyncGenerator<readonly LogLine[]> {
  for (const stamp of new Set(logs.map((log) => log.stamp))) {
    yield* merged(logs.filter((log) => log.stamp === stamp).map(linesOf));
  }
}
