/** One input of gitleaks: segments between two canaries, and the way back from its lines to the segments. */

import { randomInt } from 'node:crypto';
import type { Segment } from './segment.ts';

export interface ScanText {
  readonly bytes: Buffer;
  /** Lines on which gitleaks must find a canary, or it has not read all of this. */
  readonly canaryLines: readonly number[];
  /** Index of the segment that line `line` belongs to; lines outside belong to the nearest. */
  segmentAt(line: number): number;
  /** Line of segment `index` that line `line` of the text is, from 0. */
  lineWithin(index: number, line: number): number;
}

/** The rule of gitleaks' own set that finds a canary: that it fires proves that the set is loaded. */
export const CANARY_RULE = 'github-pat';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Looks like a token of GitHub's, and is none: a new one for each scan, so that nothing pushed can name it. */
function canary(): string {
  return `ghp_${Array.from({ length: 36 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;
}

/**
 * gitleaks skips an input whose beginning looks like a binary format, and some formats are told by bytes as late as
 * 32,773: this much of every input is ours.
 */
const PADDING = '\n'.repeat(33_000);

function lineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

export function scanText(segments: readonly Segment[]): ScanText {
  const head = Buffer.from(`${canary()}\n${PADDING}`);
  const gap = Buffer.from('\n\n');
  const parts: Buffer[] = [head];
  const starts: number[] = [];
  let line = 1 + lineFeeds(head);
  for (const { bytes } of segments) {
    starts.push(line);
    parts.push(bytes, gap);
    line += lineFeeds(bytes) + 2;
  }
  parts.push(Buffer.from(`${canary()}\n`));
  const segmentAt = (wanted: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    bytes: Buffer.concat(parts),
    canaryLines: [1, line],
    segmentAt,
    lineWithin: (index, wanted) => Math.max(0, wanted - (starts[index] ?? 0)),
  };
}
