/** More was hidden than one scan will decode: to be refused, never to be let through half seen. */
export class DecodeBudgetError extends Error {
  override readonly name = 'DecodeBudgetError';
}

/** Characters that one scan may decode: a floor for short texts, and a few times the text for long ones. */
const FLOOR = 8 * 1024 * 1024;
const FACTOR = 10;
/** Compressed streams followed in one text. */
const MAX_STREAMS = 64;
/** What only looks like a zlib header, once in so many bytes of noise it does, fails to inflate at once, yet costs. */
const STARTS_FLOOR = 256;
const BYTES_A_START = 1024;

/** What one scan may cost; each part throws {@link DecodeBudgetError} once it is used up. */
export class Budget {
  #characters: number;
  #starts: number;
  #streams = MAX_STREAMS;

  constructor(textLength: number) {
    this.#characters = Math.max(FLOOR, textLength * FACTOR);
    this.#starts = STARTS_FLOOR + Math.ceil(textLength / BYTES_A_START);
  }

  /** Characters that are left. */
  get characters(): number {
    return this.#characters;
  }

  take(characters: number): void {
    this.#characters -= characters;
    if (this.#characters <= 0) throw new DecodeBudgetError('more encoded data than can be scanned');
  }

  /** Counts one try at a stream. */
  takeStart(): void {
    this.#starts -= 1;
    if (this.#starts < 0) throw new DecodeBudgetError('more compressed streams than can be scanned');
  }

  /** Counts one stream that gave something. */
  takeStream(): void {
    this.#streams -= 1;
    if (this.#streams < 0) throw new DecodeBudgetError('more compressed streams than can be scanned');
  }
}
