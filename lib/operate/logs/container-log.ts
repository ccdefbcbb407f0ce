/** The log of one container, as the engine keeps it. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type BottleOwner, type Container, inspectContainers, isContainerOf } from '../containers.ts';
import type { Docker, Environment } from '../docker/index.ts';
import { dockerOutput, outputFailure } from './docker-output.ts';
import { type TimedLine, timedLines } from './timed-lines.ts';

export interface LogRange {
  /** RFC 3339: lines of this moment and later. */
  readonly since?: string | undefined;
  /** The last so many lines. */
  readonly tail?: number | undefined;
  readonly follow?: boolean;
}

/** What docker itself said, should it fail: its last few lines. */
const MOST_WORDS = 10;

function logArguments(container: string, { since, tail, follow }: LogRange): readonly string[] {
  return [
    ...['logs', '--timestamps'],
    ...(since === undefined ? [] : ['--since', since]),
    ...(tail === undefined ? [] : ['--tail', String(tail)]),
    ...(follow === true ? ['--follow'] : []),
    container,
  ];
}

/** The lines of the container `id`, in batches, both streams in the order of time. Holds no more than it is asked for. */
export async function* containerLines(
  env: Environment,
  id: string,
  range: LogRange,
  signal?: AbortSignal,
): AsyncGenerator<readonly TimedLine[]> {
  let exitCode: number | undefined;
  async function* output(): AsyncGenerator<Buffer> {
    ({ exitCode } = yield* dockerOutput(env, logArguments(id, range), signal));
  }
  const said: string[] = [];
  for await (const batch of timedLines(output())) {
    const lines = batch.filter(({ time, continued }) => time !== '' || continued);
    if (lines.length > 0) yield lines;
    if (lines.length === batch.length) continue;
    said.push(...batch.filter((line) => !lines.includes(line)).map(({ text }) => text));
    said.splice(0, said.length - MOST_WORDS);
  }
  if (exitCode !== 0 && signal?.aborted !== true) throw outputFailure('logs', said.join('\n'), exitCode);
}

/** How far a log has been read. */
export interface Position {
  time: string;
  /** Lines of exactly that time. */
  count: number;
}

/** Passes `lines` on, leaves out what `position` says has been read, and moves it. */
export async function* noted(
  lines: AsyncIterable<readonly TimedLine[]>,
  position: Position,
): AsyncGenerator<readonly TimedLine[]> {
  const start = { ...position };
  let skipped = 0;
  for await (const batch of lines) {
    const fresh = batch.filter(({ time }) => {
      if (time < start.time || (time === start.time && skipped < start.count)) {
        if (time === start.time) skipped += 1;
        return false;
      }
      position.count = time === position.time ? position.count + 1 : 1;
      position.time = time;
      return true;
    });
    if (fresh.length > 0) yield fresh;
  }
}

const LOOK_EVERY_MS = 500;
/** A container that is gone or stopped for longer will not come back by itself: no restart, no deploy of its service. */
const GIVE_UP_MS = 10_000;

async function ownContainer(docker: Docker, name: string, owner: BottleOwner): Promise<Container | undefined> {
  const [found] = await inspectContainers(docker, [name]);
  return found !== undefined && isContainerOf(found, owner) ? found : undefined;
}

/** The container `name` once it runs; undefined if it does not within some seconds. */
async function runningAgain(
  docker: Docker,
  name: string,
  owner: BottleOwner,
  signal: AbortSignal,
): Promise<Container | undefined> {
  for (let end = Date.now() + GIVE_UP_MS; Date.now() < end; await sleep(LOOK_EVERY_MS, undefined, { signal })) {
    const container = await ownContainer(docker, name, owner);
    if (container?.running === true && !container.restarting) return container;
    // The engine's own pause before the next start grows to a minute.
    if (container?.restarting === true) end = Date.now() + GIVE_UP_MS;
  }
  return undefined;
}

export interface Followed {
  readonly docker: Docker;
  readonly env: Environment;
  readonly name: string;
  readonly owner: BottleOwner;
  readonly signal: AbortSignal;
}

/**
 * What the container `name` writes from `position` on, through restarts and a deploy that recreates it, until it is
 * gone for good or `signal` fires.
 */
export async function* followedLines(
  { docker, env, name, owner, signal }: Followed,
  position: Position,
  first: LogRange,
): AsyncGenerator<readonly TimedLine[]> {
  let range = first;
  while (!signal.aborted) {
    const container = await runningAgain(docker, name, owner, signal).catch(unlessAborted(signal));
    if (container === undefined) return;
    try {
      yield* noted(containerLines(env, container.id, { ...range, follow: true }, signal), position);
    } catch (error) {
      // The engine also fails when the container is removed meanwhile.
      const now = await ownContainer(docker, name, owner);
      if (now?.id === container.id && now.running && !signal.aborted) throw error;
    }
    range = { since: position.time === '' ? container.startedAt : position.time };
  }
}

function unlessAborted(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error;
    return undefined;
  };
}
