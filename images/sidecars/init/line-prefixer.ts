/** Turns the bytes of one daemon's stream into whole lines that carry its name. */

import type { Block } from './block.ts';

const NEWLINE = 0x0a;
const NEWLINE_BYTES = Buffer.of(NEWLINE);

/** Longest line that goes out in one piece, in bytes without its newline. */
export const LINE_CAP = 16 * 1024;

/** Learns from some lines of a stream. */
export interface LineListener {
  /** Every line that matters holds one of these; others may be left out, for most bytes hold none. */
  readonly marks: readonly Buffer[];
  /** Gets a line that was not cut, without its newline; the buffer is valid during the call only. */
  onLine(line: Buffer): void;
}

/**
 * Whole lines only, bytes unchanged: `[name] <line>`. A line longer than the cap goes out in pieces of exactly the cap,
 * each on a line of its own, the second and later ones marked `[name] (continued) `; so memory stays bounded.
 */
export class LinePrefixer {
  readonly #prefix: Buffer;
  readonly #continuedPrefix: Buffer;
  readonly #listener: LineListener | undefined;
  readonly #held: Buffer;
  #length = 0;
  #continued = false;

  constructor(name: string, listener?: LineListener, cap = LINE_CAP) {
    this.#prefix = Buffer.from(`[${name}] `);
    this.#continuedPrefix = Buffer.from(`[${name}] (continued) `);
    this.#listener = listener;
    this.#held = Buffer.allocUnsafe(cap);
  }

  /** Appends the lines that `chunk` completes to `out`; what follows the last newline is held back. */
  push(chunk: Buffer, out: Block): void {
    const listener = this.#listener?.marks.some((mark) => chunk.includes(mark)) ? this.#listener : undefined;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#length === 0 && !this.#continued && end - start <= this.#held.length) {
        out.append(this.#prefix);
        out.append(chunk, start, end + 1);
        listener?.onLine(chunk.subarray(start, end));
      } else {
        this.#hold(chunk.subarray(start, end), out);
        this.#endLine(out);
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start), out);
  }

  /** Appends what is held back, as a line: for the end of the stream. */
  flush(out: Block): void {
    if (this.#length > 0) this.#endLine(out);
  }

  #hold(bytes: Buffer, out: Block): void {
    let rest = bytes;
    while (this.#length + rest.length > this.#held.length) {
      const room = this.#held.length - this.#length;
      rest.copy(this.#held, this.#length, 0, room);
      rest = rest.subarray(room);
      this.#length = this.#held.length;
      this.#emit(out);
      this.#continued = true;
    }
    rest.copy(this.#held, this.#length);
    this.#length += rest.length;
  }

  #endLine(out: Block): void {
    if (!this.#continued) this.#listener?.onLine(this.#held.subarray(0, this.#length));
    this.#emit(out);
    this.#continued = false;
  }

  #emit(out: Block): void {
    out.append(this.#continued ? this.#continuedPrefix : this.#prefix);
    out.append(this.#held, 0, this.#length);
    out.append(NEWLINE_BYTES);
    this.#length = 0;
  }
}
