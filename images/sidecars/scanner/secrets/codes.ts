/**
 * Base64 and base64url, base32 (RFC 4648) and hex: what the runs of their characters say. Anything may be glued before a
 * run, so that each is read at every alignment, unless the first one already makes text of all of it.
 */

import type { Budget } from './budget.ts';
import { decompressed } from './compressed.ts';
import { legibleRuns } from './legible.ts';
import { type Code, codeOf, runsOf } from './runs.ts';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const BASE64 = codeOf(`${UPPER}${LOWER}0123456789+/-_`, 24);
const HEX = codeOf('0123456789ABCDEFabcdef', 32, ' \t,:-._/|;', 3);
/** One case at a time: in both together, most of base64 would be read as base32, too. */
const BASE32 = [UPPER, LOWER].map((letters) => codeOf(`${letters}234567`, 32));

function base32Value(code: number): number {
  return code < 65 ? code - 24 : (code | 32) - 97;
}

/** `run` from character `skip` on. */
function base32Decoded(run: string, skip: number): Buffer {
  const out = Buffer.allocUnsafe(Math.floor(((run.length - skip) * 5) / 8));
  let length = 0;
  let bits = 0;
  let value = 0;
  for (let at = skip; at < run.length; at += 1) {
    value = ((value << 5) | base32Value(run.charCodeAt(at))) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[length] = (value >> bits) & 255;
    length += 1;
  }
  return out.subarray(0, length);
}

interface Decoding {
  readonly code: Code;
  /** How many characters make whole bytes together. */
  readonly alignments: number;
  readonly decode: (run: string, skip: number) => Buffer;
}

const DECODINGS: readonly Decoding[] = [
  { code: BASE64, alignments: 4, decode: (run, skip) => Buffer.from(skip === 0 ? run : run.slice(skip), 'base64') },
  {
    code: HEX,
    alignments: 2,
    decode: (run, skip) => Buffer.from(run.slice(skip, run.length - ((run.length - skip) % 2)), 'hex'),
  },
  ...BASE32.map((code) => ({ code, alignments: 8, decode: base32Decoded })),
];

/** What `view` encodes, by code, and what is compressed in it: each run may be a stream of its own. */
export function decodedRuns(view: string, budget: Budget, onUnreadable: (format: string) => void): string[] {
  const bytes = Buffer.from(view, 'latin1');
  // `0x67, 0x68`: the prefix is no digit.
  const unprefixed = view.includes('0x') ? Buffer.from(view.replaceAll('0x', ' '), 'latin1') : bytes;
  const found: string[] = [];
  for (const { code, alignments, decode } of DECODINGS) {
    const pieces: string[] = [];
    for (const run of runsOf(code === HEX ? unprefixed : bytes, code)) {
      for (let skip = 0; skip < alignments; skip += 1) {
        const piece = decode(run, skip);
        budget.take(piece.length);
        found.push(...decompressed(piece, budget, onUnreadable));
        const text = legibleRuns(piece, true);
        if (text !== '') pieces.push(text);
        if (skip === 0 && text.length === piece.length) break;
      }
    }
    found.push(pieces.join('\n'));
  }
  return found;
}
