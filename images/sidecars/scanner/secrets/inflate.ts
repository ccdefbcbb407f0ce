/** Raw deflate and brotli streams, each as far as its budget goes. */

import { brotliDecompressSync, constants, inflateRawSync } from 'node:zlib';
import { type Budget, DecodeBudgetError } from './budget.ts';

function limited(inflate: () => Buffer): string {
  try {
    return inflate().toString('latin1');
  } catch (reason) {
    if (reason instanceof RangeError) throw new DecodeBudgetError('compressed data is larger than can be scanned');
    return '';
  }
}

/**
 * The deflate stream at the beginning of `bytes`, or nothing. Read without its wrapping: neither a wrong checksum nor
 * what follows keeps a receiver from reading it, and what is there of a truncated stream counts too.
 */
export function inflated(bytes: Buffer, budget: Budget): string {
  const text = limited(() =>
    inflateRawSync(bytes, { maxOutputLength: budget.characters, finishFlush: constants.Z_SYNC_FLUSH }),
  );
  budget.take(text.length);
  return text;
}

/** The brotli stream at the beginning of `bytes`, or nothing: it has no magic, and is known by its decoding alone. */
export function unbrotlied(bytes: Buffer, budget: Budget): string {
  const text = limited(() =>
    brotliDecompressSync(bytes, {
      maxOutputLength: budget.characters,
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
    }),
  );
  budget.take(text.length);
  return text;
}
