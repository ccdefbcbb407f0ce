/** The pieces in which what is pushed goes to the scanner, each small enough to be seen whole. */

export type ScanItem =
  | { readonly kind: 'object'; readonly id: string; readonly type: string; readonly path: string }
  | { readonly kind: 'path'; readonly path: string; readonly commit: string }
  | { readonly kind: 'submodule'; readonly path: string; readonly commit: string; readonly id: string }
  | { readonly kind: 'ref'; readonly ref: string };

export interface Segment {
  readonly item: ScanItem;
  readonly bytes: Buffer;
  /** Line of the item on which the segment begins; undefined for decoded text. */
  readonly line?: number;
}

/**
 * gitleaks reads its input in chunks and ends one after two line feeds, but no more than 25,000 bytes late
 * (sources/common.go of 8.30.1): a secret across that point is lost. So a segment is shorter than that, holds no two
 * line feeds in a row, and is followed by two.
 */
const SEGMENT = 23_000;
/** How much of a segment the next repeats: more than the longest key in common use, RSA 8192 in PEM. */
const OVERLAP = 8_000;

/**
 * `bytes` with a form feed between line feeds that only blanks part. The rules' `\s` takes it for white space, as
 * before; the end of a chunk does not.
 */
function withoutBlankLines(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/\n(?=[ \t\r]*\n)/g, '\n\f'), 'latin1');
}

const lineFeeds = (bytes: Buffer, from: number, to: number): number => {
  let count = 0;
  for (let at = bytes.indexOf(10, from); at >= 0 && at < to; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
};

/** `bytes` of `item`, which begin on its line `line`, as overlapping segments. */
export function segmentsOf(item: ScanItem, bytes: Buffer, line?: number): Segment[] {
  const text = withoutBlankLines(bytes);
  const segments: Segment[] = [];
  let at = line;
  for (let start = 0; ; start += SEGMENT - OVERLAP) {
    segments.push({ item, bytes: text.subarray(start, start + SEGMENT), ...(at === undefined ? {} : { line: at }) });
    if (start + SEGMENT >= text.length) return segments;
    if (at !== undefined) at += lineFeeds(text, start, start + SEGMENT - OVERLAP);
  }
}
