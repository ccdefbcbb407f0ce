/** Request bodies, read whole up to a cap: nothing of a request goes out before all of it was scanned. */

import type { IncomingMessage } from 'node:http';
import { type Refusal, refusal } from '../refusal.ts';

/** Memory that all bodies together may take while they are read and scanned. */
export class BodyMemory {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }

  get used(): number {
    return this.#used;
  }
}

export interface ReadBody {
  readonly bytes: Buffer;
  /** Gives the memory back; to be called once, when the body is no longer held. */
  readonly release: () => void;
}

const tooLarge = (most: number): Refusal => refusal('body_dlp', `request body exceeds max_body_bytes (${most})`);

/** The body of `request`, or why it is refused; throws when the client goes away. */
export async function readBody(
  request: IncomingMessage,
  most: number,
  memory: BodyMemory,
): Promise<ReadBody | Refusal> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > most) return tooLarge(most);
  const chunks: Buffer[] = [];
  let held = 0;
  const release = () => {
    memory.release(held);
    held = 0;
  };
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      if (held + bytes.length > most || !memory.take(bytes.length)) {
        const reason =
          held + bytes.length > most ? tooLarge(most) : refusal('body_dlp', 'too many request bodies in flight', 503);
        release();
        return reason;
      }
      held += bytes.length;
      chunks.push(bytes);
    }
  } catch (reason) {
    release();
    throw reason;
  }
  return { bytes: Buffer.concat(chunks), release };
}
