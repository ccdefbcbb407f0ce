/** Raw deflate, brotli and zstd streams, each as far as its budget goes. */

import * as zlib from 'node:zlib';
import { brotliDecompressSync, constants, inflateRawSync } from 'node:zlib';
import { type Budget, DecodeBudgetError } from './budget.ts';
import { legibleRuns } from './legible.ts';

/** More than this is not made of what may be no stream at all. */
const MOST = 8 * 1024 * 1024;

/**
 * The deflate stream at the beginning of `bytes`, or nothing. Read without its wrapping: neither a wrong checksum nor
 * what follows keeps a receiver from reading it, and what is there of a truncated stream counts too.
 */
export function inflated(bytes: Buffer, budget: Budget): string {
  let text: string;
  try {
    const options = { maxOutputLength: budget.characters, finishFlush: constants.Z_SYNC_FLUSH };
    text = inflateRawSync(bytes, options).toString('latin1');
  } catch (reason) {
    if (reason instanceof RangeError) throw new DecodeBudgetError('compressed data is larger than can be scanned');
    return '';
  }
  budget.take(text.length);
  return text;
}

/**
 * What is legible of the deflate stream at the beginning of `bytes`, or nothing. For streams in the middle of a file: most
 * are images, which unpack to a lot; one that unpacks to more than the budget is taken for one.
 */
export function legiblyInflated(bytes: Buffer, budget: Budget): string {
  try {
    const options = { maxOutputLength: Math.min(budget.characters, MOST), finishFlush: constants.Z_SYNC_FLUSH };
    return legibleRuns(inflateRawSync(bytes, options), true);
  } catch {
    return '';
  }
}

/**
 * The brotli stream at the beginning of `bytes`, or nothing. Brotli has no magic: noise, too, now and then says something,
 * or tells to copy without end. What is larger than the budget, or for the most part not legible, is taken for noise.
 */
export function unbrotlied(bytes: Buffer, budget: Budget): string {
  let found: Buffer;
  try {
    const maxOutputLength = Math.min(budget.characters, MOST);
    found = brotliDecompressSync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH });
  } catch {
    return '';
  }
  const legible = legibleRuns(found, false).length;
  if (legible * 2 < found.length) return '';
  budget.take(found.length);
  return found.toString('latin1');
}

/** Node 22.15 and later; absent before. */
const zstdDecompress: unknown = Reflect.get(zlib, 'zstdDecompressSync');

/** The zstd frame that is `bytes`; undefined where this Node cannot read it, or nobody can. */
export function unzstd(bytes: Buffer, budget: Budget): string | undefined {
  if (typeof zstdDecompress !== 'function') return undefined;
  let text: string;
  try {
    const found: unknown = zstdDecompress(bytes, { maxOutputLength: budget.characters });
    if (!Buffer.isBuffer(found)) return undefined;
    text = found.toString('latin1');
  } catch (reason) {
    if (reason instanceof RangeError) throw new DecodeBudgetError('compressed data is larger than can be scanned');
    return undefined;
  }
  budget.take(text.length);
  return text;
}
