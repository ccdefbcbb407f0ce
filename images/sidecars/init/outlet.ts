/** Where all lines go: the init's standard output, written without ever blocking the event loop. */

import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { type Block, BlockPool } from './block.ts';

/** Bytes that may wait for a slow reader before the daemons are held back. */
const HIGH_WATER = 512 * 1024;
/** They are held back no longer when so few wait: what is read then is ready when the reader is. */
const LOW_WATER = HIGH_WATER / 2;
/** Bytes that may wait when a line of the init's own is added; eight pipes add 64 KiB each. Beyond, it is dropped. */
const NOTES_WATER = 2 * 1024 * 1024;

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
  if (stat.isFIFO() || stat.isSocket()) return new Socket({ fd, readable: false, writable: true });
  return fd === 1 ? process.stdout : process.stderr;
}

/** The outlet on descriptor `fd`. A reader that goes away (EPIPE) never ends the init: its lines are dropped. */
export function openOutlet(fd: 1 | 2 = 1): Outlet {
  const stream = streamOn(fd);
  const pool = new BlockPool();
  let broken = false;
  let isHoldingBack = false;
  let dropped = 0;
  const heldBack = new Set<() => void>();
  const noteLine = (text: string): Buffer => Buffer.from(`[init] ${text}\n`);
  const release = (): void => {
    isHoldingBack = false;
    const listeners = [...heldBack];
    heldBack.clear();
    for (const listener of listeners) listener();
  };
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
      if (broken || block.length === 0) {
        pool.giveBack(block);
        return true;
      }
      stream.write(block.content, () => {
        pool.giveBack(block);
        if (isHoldingBack && stream.writableLength <= LOW_WATER) release();
      });
      isHoldingBack ||= stream.writableLength > HIGH_WATER;
      return !isHoldingBack;
    },
    note: (text) => {
      if (broken) return;
      if (stream.writableLength > NOTES_WATER) {
        dropped += 1;
        return;
      }
      if (dropped > 0) stream.write(noteLine(`${dropped} lines of the init are missing here: nobody read`));
      dropped = 0;
      stream.write(noteLine(text));
    },
    whenDrained: (listener) => {
      if (!isHoldingBack) {
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
