/** The log of a bottle: of all its containers as one, of the daemons asked for, from a moment on, and as it grows. */

import type { BottleOwner, Container } from '../containers.ts';
import type { Docker, Environment } from '../docker/index.ts';
import { containerLines, followedLines, type LogRange, noted, type Position } from './container-log.ts';
import { type LogLine, type LogSource, logLine } from './log-line.ts';
import { merged } from './merge.ts';
import { refusalIn } from './refusals.ts';
import { type SavedLog, savedLines } from './saved-logs.ts';

export interface LogSelection {
  /** Who wrote it; none: everybody. */
  readonly sources: readonly LogSource[];
  /** Nothing but refusals. */
  readonly denied: boolean;
  /** RFC 3339. */
  readonly since?: string | undefined;
  /** The last so many of the lines selected. */
  readonly tail?: number | undefined;
}

export interface BottleLogOptions extends LogSelection {
  readonly docker: Docker;
  readonly env: Environment;
  readonly owner: BottleOwner;
  /** The containers to read. */
  readonly containers: readonly Pick<Container, 'id' | 'name' | 'service'>[];
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

type Lines = AsyncGenerator<readonly LogLine[]>;

const isWanted =
  ({ sources, denied }: LogSelection) =>
  (line: LogLine): boolean =>
    (sources.length === 0 || sources.includes(line.source)) && (!denied || refusalIn(line) !== undefined);

const isEverything = ({ sources, denied }: LogSelection): boolean => sources.length === 0 && !denied;

async function* selected(service: string, lines: ReturnType<typeof containerLines>, wanted: LogSelection): Lines {
  const keep = isWanted(wanted);
  for await (const batch of lines) {
    const kept = batch.map((line) => logLine(service, line)).filter(keep);
    if (kept.length > 0) yield kept;
  }
}

/** The last `count` lines of `lines`; holds about twice as many. */
async function* lastOf(lines: Lines, count: number): Lines {
  let held: LogLine[] = [];
  for await (const batch of lines) {
    held.push(...batch);
    if (held.length > 2 * count + 1_000) held = held.slice(held.length - count);
  }
  if (count > 0 && held.length > 0) yield held.slice(-count);
}

/** How long a line that is followed waits for earlier ones of other containers. */
const PATIENCE_MS = 100;

/** What was written so far, then, with `follow`, what comes, until the containers are gone or `signal` fires. */
export async function* bottleLog(options: BottleLogOptions): Lines {
  const { docker, env, owner, containers, since, tail, follow } = options;
  // Ends every docker process that is still open, also when the reader leaves early.
  const leaving = new AbortController();
  const signal = AbortSignal.any([options.signal, leaving.signal]);
  const logs = containers.map((container) => ({ ...container, position: { time: '', count: 0 } as Position }));
  try {
    if (tail !== 0) {
      const range: LogRange = { since, tail: isEverything(options) ? tail : undefined };
      const histories = logs.map(({ id, service, position }) =>
        selected(service, noted(containerLines(env, id, range, signal), position), options),
      );
      const history = merged(histories);
      yield* tail === undefined ? history : lastOf(history, tail);
    }
    if (!follow || signal.aborted) return;
    const followed = logs.map(({ name, service, position }) => {
      const rest = position.time === '' ? { since, tail: tail === 0 ? 0 : undefined } : { since: position.time };
      return selected(service, followedLines({ docker, env, name, owner, signal }, position, rest), options);
    });
    yield* merged(followed, PATIENCE_MS);
  } finally {
    leaving.abort();
  }
}

/** The same of logs that destroy saved. */
export async function* savedBottleLog(logs: readonly SavedLog[], wanted: LogSelection): Lines {
  const { since = '', tail } = wanted;
  const keep = isWanted(wanted);
  async function* lines(): Lines {
    for await (const batch of savedLines(logs)) {
      const kept = batch.filter((line) => line.time >= since && keep(line));
      if (kept.length > 0) yield kept;
    }
  }
  yield* tail === undefined ? lines() : lastOf(lines(), tail);
}
