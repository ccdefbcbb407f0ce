/**
 * The outside, in a container: an origin on 80 and 443, a name server whose answers the name itself spells, and a log of
 * what arrived at either, on port 9000. Certificate and key come by the environment.
 */

import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { networkInterfaces } from 'node:os';
import { gzipSync } from 'node:zlib';

export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface OutsideLog {
  readonly arrivals: readonly Arrival[];
  /** Names that were asked for, each with the number of the type. */
  readonly queries: readonly string[];
}

const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
const own = interfaces.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '';
let arrivals: Arrival[] = [];
let queries: string[] = [];

const quad = (text: string): number[] => text.split('.').map(Number);
const [A, AAAA] = [1, 28];

/** Addresses as bytes; undefined: the name does not exist. */
function answersFor(name: string, type: number): number[][] | undefined {
  const spelled = /^a-([0-9a-f]{8}|[0-9a-f]{32})\./.exec(name)?.[1];
  if (spelled !== undefined) {
    const bytes = [...Buffer.from(spelled, 'hex')];
    return type === (bytes.length === 4 ? A : AAAA) ? [bytes] : [];
  }
  if (name === 'gone.wild.test' || !name.endsWith('.test')) return undefined;
  if (type !== A) return [];
  if (name === 'both.wild.test') return [quad(own), [10, 1, 2, 3]];
  // Good for the first question, and for no other.
  const isFirst = queries.filter((query) => query === `${name} ${type}`).length === 1;
  return [name === 'rebind.wild.test' && !isFirst ? [10, 99, 0, 1] : quad(own)];
}

function namedIn(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

const server = createSocket('udp4');
server.on('message', (message, from) => {
  const { name, end } = namedIn(message);
  const type = message.readUInt16BE(end);
  queries.push(`${name} ${type}`);
  const found = answersFor(name, type);
  const records = (found ?? []).map((bytes) =>
    Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes]),
  );
  const head = Buffer.from(message.subarray(0, 12));
  head.writeUInt16BE(found === undefined ? 0x8183 : 0x8180, 2);
  head.writeUInt16BE(records.length, 6);
  head.fill(0, 8, 12);
  server.send(Buffer.concat([head, message.subarray(12, end + 4), ...records]), from.port, from.address);
});
server.bind(53);

function answer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    arrivals.push({ method, url, headers, body: Buffer.concat(chunks).toString('latin1').slice(0, 10_000) });
    const bytes = Number(/bytes=(\d+)/.exec(url)?.[1] ?? 0);
    if (url.startsWith('/gzip')) response.setHeader('Content-Encoding', 'gzip').end(gzipSync('hello'));
    else if (bytes > 0) response.end(Buffer.alloc(bytes, 97));
    else response.end('hello');
  });
}

createServer(answer).listen(80);
createSecureServer({ cert: process.env['CERT'], key: process.env['KEY'] }, answer).listen(443);
createServer((request, response) => {
  const log: OutsideLog = { arrivals, queries };
  response.end(JSON.stringify(log));
  if (request.method === 'DELETE') [arrivals, queries] = [[], []];
}).listen(9000);
