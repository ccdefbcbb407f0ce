/** A container registry on loopback, in memory: as much of the distribution API as push and pull of small images need. */

import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestRegistry {
  /** `127.0.0.1:<port>`: an address that every engine accepts without TLS. */
  readonly host: string;
  stop(): Promise<void>;
}

interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function handler() {
  const stored = new Map<string, Stored>();
  const uploads = new Map<string, Buffer>();

  const keep = (key: string, type: string, bytes: Buffer): string => {
    const digest = digestOf(bytes);
    stored.set(key, { type, bytes });
    stored.set(key.replace(/[^/]+$/, digest), { type, bytes });
    return digest;
  };

  const upload = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (request.method === 'POST') {
      const location = `${url.pathname.replace(/\/$/, '')}/${randomUUID()}`;
      uploads.set(location, Buffer.alloc(0));
      response.writeHead(202, { location, range: '0-0' }).end();
      return;
    }
    const bytes = Buffer.concat([uploads.get(url.pathname) ?? Buffer.alloc(0), await bodyOf(request)]);
    uploads.set(url.pathname, bytes);
    const wanted = url.searchParams.get('digest');
    if (request.method === 'PATCH' || wanted === null) {
      response.writeHead(202, { location: url.pathname, range: `0-${bytes.length - 1}` }).end();
      return;
    }
    uploads.delete(url.pathname);
    const key = url.pathname.replace(/uploads\/[^/]+$/, wanted);
    response.writeHead(digestOf(bytes) === wanted ? 201 : 400, { location: key, 'docker-content-digest': wanted });
    keep(key, 'application/octet-stream', bytes);
    response.end();
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://registry');
    if (url.pathname === '/v2/') return void response.writeHead(200).end('{}');
    if (url.pathname.includes('/blobs/uploads')) return upload(request, response, url);
    if (request.method === 'PUT') {
      const digest = keep(url.pathname, request.headers['content-type'] ?? '', await bodyOf(request));
      return void response.writeHead(201, { 'docker-content-digest': digest }).end();
    }
    const found = stored.get(url.pathname);
    if (found === undefined) return void response.writeHead(404).end('{"errors":[{"code":"NOT_FOUND"}]}');
    const { type, bytes } = found;
    const headers = { 'content-type': type, 'content-length': bytes.length, 'docker-content-digest': digestOf(bytes) };
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : bytes);
  };
}

/** Starts an empty registry. */
export async function startRegistry(): Promise<TestRegistry> {
  const handle = handler();
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
