/** Two byte streams tied together. */

import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Copies both ways until both are done, one fails, or nothing moves for `idleSeconds`; the bytes copied. */
export async function splice(one: Duplex, other: Duplex, idleSeconds: number): Promise<number> {
  let bytes = 0;
  const idle = setTimeout(() => {
    one.destroy();
    other.destroy();
  }, idleSeconds * 1000);
  async function* counted(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      bytes += chunk.length;
      idle.refresh();
      yield chunk;
    }
  }
  // A failure of one direction destroys both streams, and with them the other direction.
  await Promise.allSettled([pipeline(one, counted, other), pipeline(other, counted, one)]);
  clearTimeout(idle);
  one.destroy();
  other.destroy();
  return bytes;
}
