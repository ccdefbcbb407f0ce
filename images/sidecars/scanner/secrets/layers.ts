/**
 * The texts that hide in a text: behind percent encoding, string escapes, base64 and base64url, hex, gzip and zlib,
 * UTF-16, each in any order and a few deep. Text is latin-1, one character a byte: tokens are ASCII, and nothing is lost.
 */

import { constants, inflateRawSync } from 'node:zlib';
import { percentDecoded, unescaped } from './escapes.ts';

/** How many encodings deep a text is followed. */
const MAX_DEPTH = 5;
/** Characters that one scan may decode: a floor for short texts, and a few times the text for long ones. */
const BUDGET_FLOOR = 8 * 1024 * 1024;
const BUDGET_FACTOR = 8;
/** Base64 is tried at all four alignments below this length, since anything may be glued before it. */
const REALIGNED = 64 * 1024;

const BASE64_RUN = /[A-Za-z0-9+/_-]{16,}(?:[\r\n]+[A-Za-z0-9+/_-]{2,})*/g;
const HEX_RUN = /(?:[0-9A-Fa-f]{2}){16,}[0-9A-Fa-f]?/g;
/** Magic of gzip with deflate (RFC 1952), and the first byte of zlib (RFC 1950) with its usual window. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
const GZIP_MAGIC = GZIP.toString('latin1');
const ZLIB_HEADERS = new Set([0x7801, 0x785e, 0x789c, 0x78da]);
/** Compressed streams followed in one text. */
const MAX_STREAMS = 64;

/** More was hidden than one scan will decode: to be refused, never to be let through half seen. */
export class DecodeBudgetError extends Error {
  override readonly name = 'DecodeBudgetError';
}

/**
 * The runs of printable ASCII in `text`. All that is searched lives in them, and they shrink noise (an image, decoded
 * words that were never base64) to nearly nothing, so that following every encoding stays cheap.
 */
function printable(text: string): string {
  if (!/[^\t\n\r\x20-\x7e]/.test(text)) return text;
  return (text.match(/[\t\n\r\x20-\x7e]{12,}/g) ?? []).join('\n');
}

function base64Decoded(text: string): string {
  const found: string[] = [];
  for (const [match] of text.matchAll(BASE64_RUN)) {
    const run = match.replace(/[\r\n]+/g, '');
    const aligned = Buffer.from(run, 'base64').toString('latin1');
    found.push(aligned);
    if (run.length > REALIGNED || printable(aligned) === aligned) continue;
    for (let skip = 1; skip < 4; skip += 1) found.push(Buffer.from(run.slice(skip), 'base64').toString('latin1'));
  }
  return found.join('\n');
}

function hexDecoded(text: string): string {
  const found: string[] = [];
  for (const [run] of text.matchAll(HEX_RUN)) {
    found.push(Buffer.from(run, 'hex').toString('latin1'));
    if (run.length % 2 === 1) found.push(Buffer.from(run.slice(1), 'hex').toString('latin1'));
  }
  return found.join('\n');
}

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
function inflated(bytes: Buffer, most: number): string {
  try {
    return inflateRawSync(bytes, { maxOutputLength: most, finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  } catch (reason) {
    if (reason instanceof RangeError) throw new DecodeBudgetError('compressed data is larger than can be scanned');
    return '';
  }
}

/** What is compressed in `text`: gzip wherever it begins, zlib, whose magic is too short to look for, as the whole. */
function decompressed(text: string, most: number): string[] {
  if (!text.includes(GZIP_MAGIC) && text[0] !== 'x') return [];
  const bytes = Buffer.from(text, 'latin1');
  const found: string[] = [];
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + GZIP.length)) {
    if (found.length === MAX_STREAMS) throw new DecodeBudgetError('more compressed streams than can be scanned');
    found.push(inflated(bytes.subarray(afterGzipHeader(bytes, at)), most));
  }
  if (bytes.length > 2 && ZLIB_HEADERS.has(bytes.readUInt16BE(0))) found.push(inflated(bytes.subarray(2), most));
  return found;
}

/** The printable part of `text` and of every text that is found in it; throws {@link DecodeBudgetError}. */
export function* layersOf(text: string): Generator<string> {
  const queue = [{ text, depth: 0 }];
  const seen = new Set<string>();
  let budget = Math.max(BUDGET_FLOOR, text.length * BUDGET_FACTOR);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { text: bytes, depth } = next;
    const view = printable(bytes);
    if (!seen.has(view)) yield view;
    seen.add(view);
    if (depth === MAX_DEPTH) continue;
    const derived = [
      bytes.includes('\0') ? bytes.replaceAll('\0', '') : '',
      ...decompressed(bytes, budget),
      percentDecoded(view),
      unescaped(view),
      base64Decoded(view),
      hexDecoded(view),
    ];
    for (const one of derived) {
      if (one.length < 12 || seen.has(one)) continue;
      budget -= one.length;
      if (budget <= 0) throw new DecodeBudgetError('more encoded data than can be scanned');
      queue.push({ text: one, depth: depth + 1 });
    }
  }
}
