/** The one port: CONNECT, absolute-form requests, requests inside intercepted tunnels, and `/health`. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Authority, parseAuthority } from '../judge/host.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { forward } from './forward.ts';
import { fieldsOf, valuesOf } from './headers.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { replyOnSocket, replyWithLine } from './reply.ts';
import { emitBlocked, type Runtime, subjectOf } from './runtime.ts';
import { dial, handleConnect, type Intercepted, type Tunnels } from './tunnel.ts';
import { UpstreamAgent } from './upstream.ts';
import { forwardUpgrade } from './web-socket.ts';

const MAX_HEADER_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 2048;
const HEADERS_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 300_000;
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/;

interface Destination {
  readonly to: Authority;
  readonly scheme: 'http' | 'https';
  readonly target: string;
}

function agreesOn(request: IncomingMessage, to: Authority, defaultPort: number): boolean {
  const hosts = valuesOf(fieldsOf(request.rawHeaders), 'host');
  const named = hosts.length === 1 ? parseAuthority(hosts[0] ?? '', defaultPort) : undefined;
  return named !== undefined && named.host === to.host && named.port === to.port;
}

const MISMATCH = refusal('tls_authority_mismatch', 'authority mismatch');

/** Where a request in an intercepted tunnel goes: where the tunnel goes, or nowhere. */
function inTunnel(request: IncomingMessage, { to }: Intercepted): Destination | Refusal {
  if (!agreesOn(request, to, 443)) return MISMATCH;
  const target = request.url ?? '';
  return target.startsWith('/') ? { to, scheme: 'https', target } : refusal('parser', 'invalid URL');
}

function inAbsoluteForm(request: IncomingMessage, [, scheme = '', authority = '', rest = '']: readonly string[]) {
  if (scheme.toLowerCase() !== 'http') {
    return refusal('scheme', `scheme ${JSON.stringify(scheme.toLowerCase())} not allowed: only http and https`);
  }
  const to = parseAuthority(authority, 80);
  if (to === undefined) return refusal('parser', 'invalid URL');
  if (!agreesOn(request, to, 80)) return MISMATCH;
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  return { to, scheme: 'http', target } as const;
}

const isRefusal = (value: Destination | Refusal): value is Refusal => 'scanner' in value;

export class Front {
  readonly server: Server;
  readonly tunnels: Tunnels = { open: new Set(), intercepted: new WeakMap() };
  readonly #runtime: Runtime;
  readonly #health: () => object;
  readonly #turns = new WeakMap<Socket, OneAtATime>();

  constructor(runtime: Runtime, health: () => object) {
    this.#runtime = runtime;
    this.#health = health;
    const idleMs = runtime.policy().config.forward_proxy.idle_timeout_seconds * 1000;
    this.server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: Math.min(idleMs, 0x7fffffff),
      connectionsCheckingInterval: 5_000,
      noDelay: true,
    });
    this.server.maxHeadersCount = 0;
    this.server.maxConnections = MAX_CONNECTIONS;
    // Behind Node's own listener, which has made the socket a connection of the server by then.
    this.server.on('connection', (socket) => this.#onConnection(socket));
    this.server.on('request', (request, response) => this.#onRequest(request, response));
    this.server.on('checkContinue', (request, response) => this.#onRequest(request, response, true));
    this.server.on('connect', (request, socket, head) => this.#onConnect(request, socket as Socket, head));
    this.server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket as Socket, head));
    this.server.on('clientError', (error, socket) => this.#onClientError(error, socket as Socket));
  }

  /** Closes the tunnels that the policy of this moment would not open, or not in this way. */
  closeForbiddenTunnels(): void {
    const policy = this.#runtime.policy();
    for (const tunnel of this.tunnels.open) {
      const passthrough = policy.passthrough.has(tunnel.host);
      if (!policy.allowed.has(tunnel.host) || passthrough !== tunnel.passthrough) tunnel.close();
    }
  }

  #destination(request: IncomingMessage): Destination | Refusal | undefined {
    const intercepted = this.tunnels.intercepted.get(request.socket);
    if (intercepted !== undefined) return inTunnel(request, intercepted);
    const absolute = ABSOLUTE.exec(request.url ?? '');
    return absolute === null ? undefined : inAbsoluteForm(request, absolute);
  }

  #agentFor(request: IncomingMessage, { to }: Destination): { agent: UpstreamAgent; ownsAgent: boolean } {
    const intercepted = this.tunnels.intercepted.get(request.socket);
    if (intercepted !== undefined) return { agent: intercepted.agent, ownsAgent: false };
    return { agent: new UpstreamAgent(to, undefined, () => dial(this.#runtime, to)), ownsAgent: true };
  }

  #onConnection(socket: Socket): void {
    const onRefused = () => {
      const refused = refusal('parser', 'one request at a time', 400);
      emitBlocked(this.#runtime, subjectOf(socket, '', { target: 'invalid' }), refused);
    };
    this.#turns.set(socket, new OneAtATime(socket, onRefused));
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, expectsContinue = false): void {
    const { socket } = request;
    const underway = this.#turns.get(socket)?.begin(request, response);
    if (underway === undefined) return;
    if (expectsContinue) response.writeContinue();
    const destination = this.#destination(request);
    if (destination === undefined) {
      this.#answerOwn(request, response);
    } else if (isRefusal(destination)) {
      emitBlocked(this.#runtime, subjectOf(socket, request.method ?? '', { target: 'invalid' }), destination);
      replyWithLine(response, destination.status, refusalLine(destination));
    } else {
      const { agent, ownsAgent } = this.#agentFor(request, destination);
      const onAnswer = (incoming: IncomingMessage) => {
        underway.incoming = incoming;
      };
      forward(this.#runtime, { request, response, ...destination, agent, onAnswer }).finally(() => {
        if (ownsAgent) agent.destroy();
      });
    }
  }

  #answerOwn(request: IncomingMessage, response: ServerResponse): void {
    if (request.url !== '/health' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      replyWithLine(response, 404, '404 page not found');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(`${JSON.stringify(this.#health())}\n`);
  }

  #onConnect(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (this.#turns.get(socket)?.leave() !== true) return;
    if (this.tunnels.intercepted.has(socket)) {
      replyOnSocket(socket, 400, 'CONNECT blocked: not on this connection');
      return;
    }
    // Bytes that came with the request are the beginning of the tunnel.
    if (head.length > 0) socket.unshift(head);
    void handleConnect(this.#runtime, this.server, this.tunnels, request, socket);
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (this.#turns.get(socket)?.leave() !== true) return;
    const destination = this.#destination(request);
    if (destination === undefined) {
      replyOnSocket(socket, 400, 'upgrade blocked: not on this connection');
      return;
    }
    if (isRefusal(destination)) {
      emitBlocked(this.#runtime, subjectOf(socket, request.method ?? '', { target: 'invalid' }), destination);
      replyOnSocket(socket, destination.status, refusalLine(destination));
      return;
    }
    const { agent, ownsAgent } = this.#agentFor(request, destination);
    void forwardUpgrade(this.#runtime, { request, socket, head, ...destination, agent }).finally(() => {
      if (ownsAgent) socket.once('close', () => agent.destroy());
    });
  }

  #onClientError(error: Error, socket: Socket): void {
    if (!socket.writable || socket.destroyed) return;
    const code = 'code' in error ? String(error.code) : '';
    if (code === 'ECONNRESET') socket.destroy();
    else if (code === 'HPE_HEADER_OVERFLOW') replyOnSocket(socket, 431, '431 Request Header Fields Too Large');
    else if (code === 'ERR_HTTP_REQUEST_TIMEOUT') replyOnSocket(socket, 408, '408 Request Timeout');
    else replyOnSocket(socket, 400, '400 Bad Request');
  }
}

/** pipelock turns this one sentence round. */
const refusalLine = (refused: Refusal): string =>
  refused === MISMATCH ? 'authority mismatch: blocked' : `blocked: ${refused.reason}`;
