/**
 * One request at a time on a connection. Egress never sends the next one before it has the answer; whoever does, or
 * whose message ends elsewhere for us than for him, is smuggling, and two readers of his bytes would disagree.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type BodyEnd, ChunkedEnd, CountedEnd, HeadEnd } from './message-end.ts';
import { replyAndClose } from './reply.ts';

/** A request on its way, and what tells that its answer is complete. */
export class Underway {
  /** The answer as it comes from the origin. */
  incoming: IncomingMessage | undefined;
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.#response = response;
  }

  /**
   * Not when the last byte was flushed: a quick client has it before we hear of that, and may send its next request.
   */
  get answered(): boolean {
    return this.#response.writableEnded || this.incoming?.complete === true;
  }

  bodyEnd(): BodyEnd {
    const { headers } = this.request;
    return headers['transfer-encoding'] === undefined
      ? new CountedEnd(Number(headers['content-length'] ?? 0))
      : new ChunkedEnd();
  }
}

/** The turns of one connection. */
export class OneAtATime {
  readonly #socket: Socket;
  readonly #onRefused: () => void;
  #underway: Underway | undefined;
  /** What the next byte belongs to; undefined behind the end of a message. */
  #expected: HeadEnd | BodyEnd | undefined = new HeadEnd();
  #stopped = false;
  readonly #onData = (chunk: Buffer) => this.#count(chunk);

  /** `socket` has to be a connection of an `http.Server` already: what it parses is counted after it was parsed. */
  constructor(socket: Socket, onRefused: () => void) {
    this.#socket = socket;
    this.#onRefused = onRefused;
    socket.on('data', this.#onData);
  }

  get #free(): boolean {
    return this.#underway === undefined || (this.#expected === undefined && this.#underway.answered);
  }

  /** Takes up a request that was just parsed; undefined, and the connection closed, if another one is pending. */
  begin(request: IncomingMessage, response: ServerResponse): Underway | undefined {
    if (this.#stopped) return undefined;
    if (!this.#free) {
      this.#refuse();
      return undefined;
    }
    if (this.#underway !== undefined) this.#expected = new HeadEnd();
    this.#underway = new Underway(request, response);
    return this.#underway;
  }

  /** Leaves the connection to another protocol; false, and the connection closed, if a request is pending. */
  leave(): boolean {
    if (this.#stopped) return false;
    if (!this.#free) {
      this.#refuse();
      return false;
    }
    this.#stop();
    return true;
  }

  #stop(): void {
    this.#stopped = true;
    this.#socket.removeListener('data', this.#onData);
  }

  #refuse(): void {
    this.#stop();
    this.#onRefused();
    replyAndClose(this.#socket, 400, 'one request at a time');
  }

  #count(chunk: Buffer): void {
    if (this.#stopped) return;
    // The parser gave up on these bytes, and the answer to that is on its way.
    if (!this.#socket.writable) {
      this.#stop();
      return;
    }
    if (this.#expected === undefined) {
      if (!this.#free) {
        this.#refuse();
        return;
      }
      this.#underway = undefined;
      this.#expected = new HeadEnd();
    }
    let agrees = false;
    try {
      agrees = this.#agrees(chunk);
    } catch {
      // Counted as no agreement: the parser took for a body what is none.
    }
    if (agrees) return;
    if (this.#underway !== undefined) this.#refuse();
    else {
      // A head that Node has answered by itself: no Host, an unknown expectation.
      this.#stop();
      this.#socket.destroySoon();
    }
  }

  /** Counts through `chunk`; whether it ends where the parser says, with nothing behind the end of a message. */
  #agrees(chunk: Buffer): boolean {
    let at = 0;
    if (this.#expected instanceof HeadEnd) {
      const end = this.#expected.find(chunk, at);
      if (end === undefined) return this.#underway === undefined;
      if (this.#underway === undefined) return false;
      this.#expected = this.#underway.bodyEnd();
      at = end;
    }
    const end = this.#expected?.find(chunk, at);
    if (end !== undefined) this.#expected = undefined;
    return (end ?? chunk.length) === chunk.length && this.#underway?.request.complete === (end !== undefined);
  }
}
