/** Buffers for what is being written. A new one for each chunk would keep the garbage collector busier than the init. */

/** A chunk of 64 KiB with the prefixes of lines of a usual length. */
const SIZE = 128 * 1024;
/** As many as fill the outlet's buffer. */
const KEPT = 4;

export class BufferPool {
  readonly #free: ArrayBufferLike[] = [];

  /** All of `pieces` in one buffer, to be given back by {@link release} once it is written. */
  joined(pieces: readonly Buffer[]): Buffer {
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (length > SIZE) return Buffer.concat(pieces, length);
    const target = Buffer.from(this.#free.pop() ?? Buffer.allocUnsafeSlow(SIZE).buffer, 0, length);
    let position = 0;
    for (const piece of pieces) {
      target.set(piece, position);
      position += piece.length;
    }
    return target;
  }

  release({ buffer }: Buffer): void {
    if (buffer.byteLength === SIZE && this.#free.length < KEPT) this.#free.push(buffer);
  }
}
