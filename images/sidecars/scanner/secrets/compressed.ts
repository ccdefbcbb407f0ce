/** Deflate streams in the wrapping of gzip (RFC 1952) and of zlib (RFC 1950). */

import { constants, inflateRawSync } from 'node:zlib';
import { type Budget, DecodeBudgetError } from './budget.ts';

/** Magic of gzip with deflate, the only method that it has. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/** Where the deflate stream of a gzip member (RFC 1952 section 2.3) begins that begins at `start`. */
function afterGzipHeader(bytes: Buffer, start: number): number {
  const flags = bytes[start + 3] ?? 0;
  let at = start + 10;
  if ((flags & 0x04) !== 0) at += 2 + (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
  for (const named of [0x08, 0x10]) {
    if ((flags & named) === 0) continue;
    const end = bytes.indexOf(0, at);
    at = end < 0 ? bytes.length : end + 1;
  }
  return (flags & 0x02) === 0 ? at : at + 2;
}

/**
 * The deflate stream at the beginning of `bytes`. Read without its wrapping: neither a wrong checksum nor what follows
 * keeps a receiver from reading it, and what is there of a truncated stream counts too.
 */
function inflated(bytes: Buffer, budget: Budget): string {
  budget.takeStart();
  let text: string;
  try {
    const options = { maxOutputLength: budget.characters, finishFlush: constants.Z_SYNC_FLUSH };
    text = inflateRawSync(bytes, options).toString('latin1');
  } catch (reason) {
    if (reason instanceof RangeError) throw new DecodeBudgetError('compressed data is larger than can be scanned');
    return '';
  }
  if (text === '') return '';
  budget.takeStream();
  budget.take(text.length);
  return text;
}

/** Whether zlib begins at `at` (RFC 1950 section 2.2): deflate, a window up to 32 KiB, the check bits, no dictionary. */
function isZlib(bytes: Buffer, at: number): boolean {
  const method = bytes[at] ?? 0;
  if ((method & 0x8f) !== 8) return false;
  const flags = bytes[at + 1] ?? 0;
  return (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0 && at + 2 < bytes.length;
}

const EMPTY_LINES = ['\n\n', '\n\r\n'].map((text) => Buffer.from(text));

/**
 * What is compressed in `bytes`: gzip wherever it begins; zlib at their beginning, and behind an empty line (a part of a
 * multipart body), since its two magic bytes are too common to be looked for everywhere.
 */
export function decompressed(bytes: Buffer, budget: Budget): string[] {
  const found: string[] = [];
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + GZIP.length)) {
    found.push(inflated(bytes.subarray(afterGzipHeader(bytes, at)), budget));
  }
  if (isZlib(bytes, 0)) found.push(inflated(bytes.subarray(2), budget));
  for (const line of EMPTY_LINES) {
    for (let at = bytes.indexOf(line); at >= 0; at = bytes.indexOf(line, at + 1)) {
      const start = at + line.length;
      if (isZlib(bytes, start)) found.push(inflated(bytes.subarray(start + 2), budget));
    }
  }
  return found.filter((one) => one !== '');
}
