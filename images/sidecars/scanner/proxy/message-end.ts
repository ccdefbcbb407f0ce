/**
 * Where an HTTP/1.1 message ends among the bytes of a connection (RFC 9112). Node's parser decides what a message says;
 * this only counts along, so that a byte behind the end is seen in the moment it arrives. Both must agree.
 */

const CR = 13;
const LF = 10;
/** Bytes of a line of the chunked coding: Node's parser has stricter limits of its own. */
const MAX_LINE = 64 * 1024;

/** Counts through a head section. */
export class HeadEnd {
  #started = false;
  /** How much of CR LF CR LF was seen. */
  #matched = 0;

  /** The index behind the empty line, or undefined if it is not among `bytes` from `at` on. */
  find(bytes: Buffer, at: number): number | undefined {
    for (let index = at; index < bytes.length; index += 1) {
      const byte = bytes[index];
      // Empty lines before a request are not its end (section 2.2).
      if (!this.#started && (byte === CR || byte === LF)) continue;
      this.#started = true;
      const wanted = this.#matched % 2 === 0 ? CR : LF;
      if (byte === wanted) this.#matched += 1;
      else this.#matched = byte === CR ? 1 : 0;
      if (this.#matched === 4) return index + 1;
    }
    return undefined;
  }
}

export interface BodyEnd {
  /** As {@link HeadEnd.find}; throws on what is no body of its kind. */
  find(bytes: Buffer, at: number): number | undefined;
}

/** Counts through a body of `length` bytes. */
export class CountedEnd implements BodyEnd {
  #left: number;

  constructor(length: number) {
    if (!Number.isSafeInteger(length) || length < 0) throw new RangeError('not a length');
    this.#left = length;
  }

  find(bytes: Buffer, at: number): number | undefined {
    const taken = Math.min(this.#left, bytes.length - at);
    this.#left -= taken;
    return this.#left === 0 ? at + taken : undefined;
  }
}

/** Counts through a chunked body (section 7.1), its trailer section included. */
export class ChunkedEnd implements BodyEnd {
  #part: 'size' | 'data' | 'trailer' = 'size';
  #left = 0;
  #line = '';

  find(bytes: Buffer, at: number): number | undefined {
    let index = at;
    while (index < bytes.length) {
      if (this.#part === 'data') {
        const taken = Math.min(this.#left, bytes.length - index);
        this.#left -= taken;
        index += taken;
        if (this.#left === 0) this.#part = 'size';
        continue;
      }
      const end = bytes.indexOf(LF, index);
      this.#line += bytes.toString('latin1', index, end < 0 ? bytes.length : end);
      if (this.#line.length > MAX_LINE) throw new RangeError('a line without an end');
      if (end < 0) return undefined;
      index = end + 1;
      const line = this.#line.replace(/\r$/, '');
      this.#line = '';
      if (this.#part === 'size') this.#startChunk(line);
      else if (line === '') return index;
    }
    return undefined;
  }

  #startChunk(line: string): void {
    const digits = /^([0-9A-Fa-f]{1,12})(?=[;\s]|$)/.exec(line)?.[1];
    if (digits === undefined) throw new RangeError('not a chunk size');
    const size = Number.parseInt(digits, 16);
    this.#part = size === 0 ? 'trailer' : 'data';
    // The line end behind the data counts with it.
    this.#left = size === 0 ? 0 : size + 2;
  }
}
