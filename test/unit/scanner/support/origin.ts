/** A real HTTPS (or HTTP) origin that remembers what arrived: the one judge of what got out. */

import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Issued } from './certificates.ts';

export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Origin {
  readonly port: number;
  readonly server: Server;
  readonly arrivals: Arrival[];
  /** What to answer; the default is `200 hello`. */
  respond: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
  close(): Promise<void>;
}

export async function startOrigin(certificate?: Issued): Promise<Origin> {
  const arrivals: Arrival[] = [];
  const server =
    certificate === undefined
      ? createHttpServer({ maxHeaderSize: 131_072 })
      : createHttpsServer({
          maxHeaderSize: 131_072,
          cert: certificate.pem,
          key: certificate.key.export({ type: 'pkcs8', format: 'pem' }),
        });
  const origin: Origin = {
    port: 0,
    server,
    arrivals,
    respond: (_request, response) => response.end('hello'),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  server.maxHeadersCount = 0;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method = '', url = '', rawHeaders, headers } = request;
      arrivals.push({ method, url, rawHeaders, headers, body: body.toString('latin1') });
      origin.respond(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(origin, { port: (server.address() as AddressInfo).port });
}
