/** A text that cannot be searched whole: to be refused, never to be let through half seen. */
export class UnscannableError extends Error {
  override readonly name: string = 'UnscannableError';
}

/** More was hidden than one scan will decode. */
export class DecodeBudgetError extends UnscannableError {
  override readonly name = 'DecodeBudgetError';
}

/**
 * - `quick`: what the event loop has time for; whatever needs more is scanned again by a worker;
 * - `full`: all that a scan will ever do.
 */
export type Effort = 'quick' | 'full';

interface Limits {
  /** Characters that one scan may decode: so many, or so many times the text where that is more. */
  readonly floor: number;
  readonly factor: number;
  /** Compressed streams followed in one text. */
  readonly streams: number;
  /** Tries at what looks like the beginning of a stream, beside one for so many bytes of text. */
  readonly starts: number;
  /** Entries of zip files, beside one for so many bytes of text: small ones are many, and cheap. */
  readonly entries: number;
}

const LIMITS: Readonly<Record<Effort, Limits>> = {
  quick: { floor: 48 * 1024, factor: 4, streams: 4, starts: 8, entries: 16 },
  full: { floor: 8 * 1024 * 1024, factor: 10, streams: 64, starts: 256, entries: 2048 },
};
/** What only looks like a zlib header, once in so many bytes of noise it does, fails to inflate at once, yet costs. */
const BYTES_A_START = 1024;
const BYTES_AN_ENTRY = 256;

/** What one scan may cost; each part throws {@link DecodeBudgetError} once it is used up. */
export class Budget {
  #characters: number;
  #starts: number;
  #streams: number;
  #brotli: number;
  #entries: number;

  constructor(textLength: number, effort: Effort = 'full') {
    const { floor, factor, streams, starts, entries } = LIMITS[effort];
    this.#characters = Math.max(floor, textLength * factor);
    this.#starts = starts + Math.ceil(textLength / BYTES_A_START);
    this.#streams = streams;
    this.#brotli = streams;
    this.#entries = entries + Math.ceil(textLength / BYTES_AN_ENTRY);
  }

  /** Characters that are left. */
  get characters(): number {
    return this.#characters;
  }

  take(characters: number): void {
    this.#characters -= characters;
    if (this.#characters <= 0) throw new DecodeBudgetError('more encoded data than can be scanned');
  }

  /** Counts one try at brotli, which begins with any byte; too many end the tries, not the scan. */
  mayTryBrotli(): boolean {
    this.#brotli -= 1;
    return this.#brotli >= 0;
  }

  /** Counts one try at a stream. */
  takeStart(): void {
    this.#starts -= 1;
    if (this.#starts < 0) throw new DecodeBudgetError('more compressed streams than can be scanned');
  }

  takeEntry(): void {
    this.#entries -= 1;
    if (this.#entries < 0) throw new DecodeBudgetError('more compressed streams than can be scanned');
  }

  /** Counts one stream that gave something. */
  takeStream(): void {
    this.#streams -= 1;
    if (this.#streams < 0) throw new DecodeBudgetError('more compressed streams than can be scanned');
  }
}
