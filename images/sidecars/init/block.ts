/**
 * Bytes for one write, put together in place and used again. Objects and buffers of their own for each line and each
 * chunk would keep the garbage collector busier than the init.
 */

/** A chunk of 64 KiB with the prefixes of lines of a usual length. */
const SIZE = 128 * 1024;
/** Copies shorter than this are quicker byte by byte than by a call of the engine. */
const SHORT = 24;
/** About as many as fill the outlet's buffer. */
const KEPT = 8;

export class Block {
  #bytes: Uint8Array = Buffer.allocUnsafeSlow(SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view of what was appended. */
  get content(): Buffer {
    return Buffer.from(this.#bytes.buffer, 0, this.#length);
  }

  /** True unless it had to grow beyond its usual size. */
  get isUsual(): boolean {
    return this.#bytes.length === SIZE;
  }

  /** The bytes of `source` from `start` to `end`, which may change afterwards. */
  append(source: Uint8Array, start = 0, end = source.length): void {
    const size = end - start;
    if (this.#length + size > this.#bytes.length) this.#grow(this.#length + size);
    const bytes = this.#bytes;
    const position = this.#length;
    if (size < SHORT)
      for (let index = 0; index < size; index += 1) bytes[position + index] = source[start + index] ?? 0;
    else bytes.set(new Uint8Array(source.buffer, source.byteOffset + start, size), position);
    this.#length = position + size;
  }

  clear(): void {
    this.#length = 0;
  }

  #grow(wanted: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(wanted, this.#bytes.length * 2));
    bytes.set(this.content);
    this.#bytes = bytes;
  }
}

/** Blocks that are free again. */
export class BlockPool {
  readonly #free: Block[] = [];

  take(): Block {
    return this.#free.pop() ?? new Block();
  }

  giveBack(block: Block): void {
    block.clear();
    if (block.isUsual && this.#free.length < KEPT) this.#free.push(block);
  }
}
