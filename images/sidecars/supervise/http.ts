/** The HTTP front: who may speak to us, where, and how much at once. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DAEMON_PORT } from '../../../lib/plan/daemons.ts';
import { longAlias } from '../../../lib/plan/names.ts';

export interface HttpLimits {
  /** Requests to /mcp that are open at once, those that wait for a verdict included. */
  readonly requests: number;
  /** Connections from other addresses than our own; the init's health check always gets through. */
  readonly connections: number;
}

const HTTP_LIMITS: HttpLimits = { requests: 32, connections: 64 };

export interface HttpOptions {
  readonly slug: string;
  /** Host of the configured listen address. */
  readonly host: string;
  readonly digest: string;
  readonly mcp: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly limits?: HttpLimits;
}

function answer(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close', ...headers }).end(`${text}\n`);
}

/** True if `request` names us, and, where a browser sent it, comes from a page of ours: no DNS rebinding. */
function isAddressedToUs(request: IncomingMessage, names: readonly string[]): boolean {
  const port = request.socket.localPort ?? DAEMON_PORT.supervise;
  const host = request.headers.host?.toLowerCase();
  if (!names.some((name) => host === `${name}:${port}`)) return false;
  return request.headers.origin === undefined || request.headers.origin === `http://${host}`;
}

function countConnections(server: Server, limit: number): void {
  let open = 0;
  server.on('connection', (socket: Socket) => {
    if (socket.remoteAddress === socket.localAddress) return;
    if (open >= limit) {
      socket.destroy();
      return;
    }
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
  });
}

/** The server of `/mcp` and `/health`; the caller lets it listen. */
export function superviseHttpServer(options: HttpOptions): Server {
  const names = ['supervise', longAlias('supervise', options.slug), options.host.toLowerCase()];
  const limits = options.limits ?? HTTP_LIMITS;
  let requests = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAddressedToUs(request, names)) return answer(response, 403, 'supervise: wrong Host or Origin');
    if (request.url === '/health') {
      if (request.method !== 'GET') return answer(response, 405, 'supervise: GET only', { allow: 'GET' });
      const health = JSON.stringify({ status: 'ok', digest: options.digest });
      return answer(response, 200, health, { 'content-type': 'application/json' });
    }
    if (request.url !== '/mcp') return answer(response, 404, 'supervise: no such path');
    // Without sessions there is no stream to open (GET) and none to end (DELETE).
    if (request.method !== 'POST') return answer(response, 405, 'supervise: POST only', { allow: 'POST' });
    if (requests >= limits.requests) {
      return answer(response, 503, 'supervise: too many requests at once', { 'retry-after': '10' });
    }
    requests += 1;
    response.once('close', () => {
      requests -= 1;
    });
    await options.mcp(request, response);
  }

  const server = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      serve(request, response).catch(() => {
        if (response.headersSent) response.destroy();
        else answer(response, 500, 'supervise: failed');
      });
    },
  );
  countConnections(server, limits.connections);
  return server;
}
