/** Where all lines go: the init's standard output, written without ever blocking the event loop. */

import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { type Block, BlockPool } from './block.ts';

/** Bytes that may wait for a slow reader before the daemons are held back. */
const HIGH_WATER = 256 * 1024;
/** Bytes that may wait when a line of the init's own is added; eight pipes hold 64 KiB each. Beyond, it is dropped. */
const NOTES_WATER = 1024 * 1024;

export interface Outlet {
  /**
   * Writes the whole lines that `fill` appends to a block; false: hold back until {@link whenDrained}. A reader that is
   * gone takes everything.
   */
  write(fill: (block: Block) => void): boolean;
  /** A line of the init's own, without a newline: never held back, so dropped (and counted) while too many wait. */
  note(text: string): void;
  /** Calls `listener` once nothing has to be held back: at once, or later unless the returned function is called. */
  whenDrained(listener: () => void): () => void;
  /** Announces a source that may be held back: its last line is written when `ended` resolves. */
  feed(ended: Promise<void>): void;
  /** Resolves when all sources have ended and their lines are with the reader, or when `timeoutMs` are over. */
  flushed(timeoutMs: number): Promise<void>;
}

/** A pipe or socket is written asynchronously; for a file or a terminal Node's own synchronous stream serves. */
function streamOn(fd: 1 | 2): Writable {
  const stat = fstatSync(fd);
  if (stat.isFIFO() || stat.isSocket()) {
    const options = { fd, readable: false, writable: true, writableHighWaterMark: HIGH_WATER };
    return new Socket(options);
  }
  return fd === 1 ? process.stdout : process.stderr;
}

/** The outlet on descriptor `fd`. A reader that goes away (EPIPE) never ends the init: its lines are dropped. */
export function openOutlet(fd: 1 | 2 = 1): Outlet {
  const stream = streamOn(fd);
  const pool = new BlockPool();
  let broken = false;
  let dropped = 0;
  const heldBack = new Set<() => void>();
  const noteLine = (text: string): Buffer => Buffer.from(`[init] ${text}\n`);
  const release = (): void => {
    if (dropped > 0 && !broken) stream.write(noteLine(`${dropped} lines of the init were dropped: nobody read`));
    dropped = 0;
    const listeners = [...heldBack];
    heldBack.clear();
    for (const listener of listeners) listener();
  };
  stream.on('drain', release);
  stream.on('error', () => {
    broken = true;
    release();
  });

  const sources = new Set<Promise<void>>();
  /** Resolves when everything written so far is with the reader. */
  const delivered = (): Promise<void> =>
    new Promise((resolve) => {
      if (broken) resolve();
      else stream.write('', () => resolve());
    });

  return {
    write: (fill) => {
      const block = pool.take();
      fill(block);
      if (!broken && block.length > 0) return stream.write(block.content, () => pool.giveBack(block));
      pool.giveBack(block);
      return true;
    },
    note: (text) => {
      if (broken) return;
      if (stream.writableLength > NOTES_WATER) dropped += 1;
      else stream.write(noteLine(text));
    },
    whenDrained: (listener) => {
      if (broken || !stream.writableNeedDrain) {
        listener();
        return () => {};
      }
      heldBack.add(listener);
      return () => heldBack.delete(listener);
    },
    feed: (ended) => {
      sources.add(ended);
      void ended.then(() => sources.delete(ended));
    },
    flushed: async (timeoutMs) => {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      // What a source that was held back still has comes before the end of it all.
      await Promise.race([Promise.all(sources).then(delivered), timeout]);
      clearTimeout(timer);
    },
  };
}
