/** What is compressed in bytes: gzip (RFC 1952), zlib (RFC 1950), brotli (RFC 7932), the entries of zip files. */

import type { Budget } from './budget.ts';
import { unreadableAt, unzipped, ZSTD } from './containers.ts';
import { inflated, legiblyInflated, unbrotlied, unzstd } from './inflate.ts';

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

/** Whether zlib begins at `at` (RFC 1950 section 2.2): deflate, a window up to 32 KiB, the check bits, no dictionary. */
function isZlib(bytes: Buffer, at: number): boolean {
  const method = bytes[at] ?? 0;
  if ((method & 0x8f) !== 8) return false;
  const flags = bytes[at + 1] ?? 0;
  return (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0 && at + 2 < bytes.length;
}

const EMPTY_LINES = ['\n\n', '\n\r\n'].map((text) => Buffer.from(text));

/** Where a file may begin in `bytes`: at their beginning, and behind an empty line (a part of a multipart body). */
function* beginnings(bytes: Buffer): Generator<number> {
  yield 0;
  for (const line of EMPTY_LINES) {
    for (let at = bytes.indexOf(line); at >= 0; at = bytes.indexOf(line, at + 1)) yield at + line.length;
  }
}

/** Whether a text begins at `at`, and so no brotli. */
function isLegible(bytes: Buffer, at: number): boolean {
  const end = Math.min(bytes.length, at + 16);
  for (let index = at; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte > 126 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return false;
  }
  return true;
}

/** The three headers of zlib that are in use and no text: documents and images have such streams in their middle. */
const ZLIB_HEADERS = ['7801', '789c', '78da'].map((hex) => Buffer.from(hex, 'hex'));

/** What is legible in the zlib streams that begin anywhere in `bytes` but at their beginning. */
function* innerStreams(bytes: Buffer, budget: Budget): Generator<string> {
  for (const header of ZLIB_HEADERS) {
    for (let at = bytes.indexOf(header, 1); at >= 0; at = bytes.indexOf(header, at + 1)) {
      budget.takeStart();
      yield legiblyInflated(bytes.subarray(at + 2), budget);
    }
  }
}

/**
 * What is compressed in `bytes`: gzip, zip and zlib wherever they begin, zlib with an unusual header and brotli where a
 * file may begin, since their magic is too common to be looked for everywhere, or none. Files that nothing reads are told
 * to `onUnreadable`.
 */
export function decompressed(bytes: Buffer, budget: Budget, onUnreadable: (format: string) => void): string[] {
  const found: string[] = [];
  const tryAt = (at: number) => {
    budget.takeStart();
    const text = inflated(bytes.subarray(at), budget);
    if (text === '') return;
    budget.takeStream();
    found.push(text);
  };
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + GZIP.length)) {
    tryAt(afterGzipHeader(bytes, at));
  }
  // Each frame of a file by itself: what reads one stops at its end.
  const unpacked = new Set<number>();
  for (let at = bytes.indexOf(ZSTD.bytes); at >= 0; at = bytes.indexOf(ZSTD.bytes, at + 4)) {
    budget.takeStart();
    const text = unzstd(bytes.subarray(at), budget);
    if (text === undefined) continue;
    unpacked.add(at);
    found.push(text);
  }
  for (const at of beginnings(bytes)) {
    const format = unreadableAt(bytes, at);
    if (format !== undefined && !unpacked.has(at)) onUnreadable(format);
    if (isZlib(bytes, at)) tryAt(at + 2);
    else if (!isLegible(bytes, at) && budget.mayTryBrotli()) {
      const text = unbrotlied(bytes.subarray(at), budget);
      if (text !== '') found.push(text);
    }
  }
  for (const texts of [unzipped(bytes, budget, onUnreadable), [...innerStreams(bytes, budget)]]) {
    const text = texts.filter((one) => one !== '').join('\n');
    budget.take(text.length);
    if (text !== '') found.push(text);
  }
  return found;
}
