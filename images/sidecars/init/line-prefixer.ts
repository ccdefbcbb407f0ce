/** Turns the bytes of one daemon's stream into whole lines that carry its name. */

const NEWLINE = 0x0a;

/** Longest line that goes out in one piece, in bytes without its newline. */
export const LINE_CAP = 16 * 1024;

/**
 * Whole lines only, bytes unchanged: `[name] <line>`. A line longer than the cap goes out in pieces of exactly the cap,
 * each on a line of its own, the second and later ones marked `[name] (continued) `; so memory stays bounded.
 */
export class LinePrefixer {
  readonly #prefix: Buffer;
  readonly #continuedPrefix: Buffer;
  readonly #onLine: ((line: Buffer) => void) | undefined;
  readonly #held: Buffer;
  #length = 0;
  #continued = false;

  /** `onLine` gets every line that was not cut, without its newline; the buffer is valid during the call only. */
  constructor(name: string, onLine?: (line: Buffer) => void, cap = LINE_CAP) {
    this.#prefix = Buffer.from(`[${name}] `);
    this.#continuedPrefix = Buffer.from(`[${name}] (continued) `);
    this.#onLine = onLine;
    this.#held = Buffer.allocUnsafe(cap);
  }

  /** The lines that `chunk` completes; what follows the last newline is held back. */
  push(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#length === 0 && !this.#continued && end - start <= this.#held.length) {
        out.push(this.#prefix, chunk.subarray(start, end + 1));
        this.#onLine?.(chunk.subarray(start, end));
      } else {
        this.#hold(chunk.subarray(start, end), out);
        this.#endLine(out);
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start), out);
    return Buffer.concat(out);
  }

  /** What is held back, as a line: for the end of the stream. */
  flush(): Buffer {
    const out: Buffer[] = [];
    if (this.#length > 0) this.#endLine(out);
    return Buffer.concat(out);
  }

  #hold(bytes: Buffer, out: Buffer[]): void {
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

  #endLine(out: Buffer[]): void {
    if (!this.#continued) this.#onLine?.(this.#held.subarray(0, this.#length));
    this.#emit(out);
    this.#continued = false;
  }

  #emit(out: Buffer[]): void {
    out.push(this.#continued ? this.#continuedPrefix : this.#prefix);
    out.push(Buffer.from(this.#held.subarray(0, this.#length)), Buffer.of(NEWLINE));
    this.#length = 0;
  }
}
