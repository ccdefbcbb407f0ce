/** The way out of one tunnel or request: connections to one authority, each resolved, judged and dialled afresh. */

import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { type SecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Authority } from '../judge/host.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long an origin can be trusted not to have closed a connection that nobody reads yet. */
const READY_MS = 3_000;

/** TLS to `host` over `socket`, its certificate verified against `roots`. */
function encrypted(socket: Socket, host: string, roots: SecureContext): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext: roots,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
    });
    const timer = setTimeout(() => secure.destroy(new Error('TLS handshake timeout')), HANDSHAKE_TIMEOUT_MS);
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    secure.once('error', fail);
    secure.once('secureConnect', () => {
      clearTimeout(timer);
      secure.removeListener('error', fail);
      resolve(secure);
    });
  });
}

/**
 * How long a connection waits for its next request: origins close theirs after five seconds, and a body that may not be
 * sent twice must not meet that.
 */
const FREE_MS = 2_000;

type OnSocket = (error: Error | null, socket: Socket) => void;

/**
 * An HTTP agent with one connection at a time to one authority. It exists only as long as a client's tunnel does, so
 * no two clients ever share an upstream connection.
 */
export class UpstreamAgent extends Agent {
  readonly #host: string;
  readonly #roots: SecureContext | undefined;
  readonly #dial: () => Promise<Socket>;
  readonly #readySince = performance.now();
  #ready: Socket | undefined;

  /** `roots`: what upstream certificates are verified against; absent for plain HTTP. `ready` is dialled already. */
  constructor(to: Authority, roots: SecureContext | undefined, dial: () => Promise<Socket>, ready?: Socket) {
    const options: AgentOptions = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1 };
    super(options);
    this.#host = to.host;
    this.#roots = roots;
    this.#dial = dial;
    this.#ready = ready;
    // Between dialling and first use nobody else listens.
    ready?.on('error', () => {});
  }

  override createConnection(_options: ClientRequestArgs, callback?: OnSocket): undefined {
    this.#open().then(
      (socket) => callback?.(null, socket),
      // Node looks at the socket only when there is no error.
      (reason: unknown) => callback?.(reason instanceof Error ? reason : new Error('dial failed'), undefined as never),
    );
  }

  /** Node asks here whether a connection with nothing to do is kept. */
  override keepSocketAlive(socket: Socket): boolean {
    const isKept: unknown = super.keepSocketAlive(socket);
    // Kept or not is all that Node's own method tells; its timeout follows the origin's hint, which may be long or absent.
    if (isKept === true) socket.setTimeout(FREE_MS);
    return isKept === true;
  }

  override destroy(): void {
    this.#ready?.destroy();
    super.destroy();
  }

  async #open(): Promise<Socket> {
    const ready = this.#ready;
    this.#ready = undefined;
    const fresh = performance.now() - this.#readySince < READY_MS;
    if (!fresh) ready?.destroy();
    const socket = ready !== undefined && fresh && !ready.destroyed ? ready : await this.#dial();
    return this.#roots === undefined ? socket : await encrypted(socket, this.#host, this.#roots);
  }
}
