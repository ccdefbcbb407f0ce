/** A client that says exactly what a test wants to say. */

import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Everything that `socket` says until it ends or `isDone` is satisfied. */
export function readUntil(socket: Socket, isDone: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => done(), 20_000);
    const done = () => {
      clearTimeout(timer);
      socket.removeAllListeners('data');
      socket.pause();
      resolve(text);
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (isDone(text)) done();
    });
    socket.once('end', done);
    socket.once('close', done);
    socket.once('error', (error) => (text === '' ? reject(error) : done()));
    socket.resume();
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = text.slice(0, end);
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return /transfer-encoding: *chunked/i.test(head) ? text.endsWith('\r\n0\r\n\r\n') : false;
}

function parseAnswer(text: string): Answer {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  return { status: Number(head.split(' ')[1] ?? 0), head, body: end < 0 ? '' : text.slice(end + 4) };
}

/** A port of loopback, or of another address. */
export type Entry = number | { readonly host: string; readonly port: number };

export function dial(proxy: Entry): Promise<Socket> {
  const to = typeof proxy === 'number' ? { host: '127.0.0.1', port: proxy } : proxy;
  return new Promise((resolve, reject) => {
    const socket = connect(to, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends `bytes` to the proxy itself; its answer. */
export async function rawExchange(proxy: Entry, bytes: string): Promise<Answer> {
  const socket = await dial(proxy);
  socket.write(Buffer.from(bytes, 'latin1'));
  const text = await readUntil(socket, isWhole);
  socket.destroy();
  return parseAnswer(text);
}

export interface Tunnel {
  readonly answer: Answer;
  readonly socket: Socket;
}

export async function openTunnel(proxy: Entry, authority: string, fields = `Host: ${authority}\r\n`): Promise<Tunnel> {
  const socket = await dial(proxy);
  socket.write(Buffer.from(`CONNECT ${authority} HTTP/1.1\r\n${fields}\r\n`, 'latin1'));
  const text = await readUntil(socket, (seen) =>
    seen.startsWith('HTTP/1.1 200') ? seen.includes('\r\n\r\n') : isWhole(seen),
  );
  return { answer: parseAnswer(text), socket };
}

export function startTls(socket: Socket, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({ socket, ALPNProtocols: ['http/1.1'], ...options }, () => resolve(secure));
    secure.once('error', reject);
    secure.once('close', () => reject(new Error('closed')));
  });
}

/** One request inside a tunnel that is open already. */
export async function askInside(secure: TLSSocket, bytes: string | Buffer): Promise<Answer> {
  secure.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  return parseAnswer(await readUntil(secure, isWhole));
}

export interface HttpsRequest {
  readonly ca: string;
  readonly authority?: string;
  readonly servername?: string;
  readonly method?: string;
  readonly path?: string;
  /** Header lines, without Host. */
  readonly fields?: readonly string[];
  readonly body?: string | Buffer;
}

/** A whole HTTPS request through the proxy; the CONNECT's answer where that was not a 200. */
export async function httpsRequest(proxy: Entry, options: HttpsRequest): Promise<Answer> {
  const { ca, authority = 'api.test:443', method = 'GET', path = '/', fields = [], body } = options;
  const host = authority.replace(/:443$/, '');
  const { answer, socket } = await openTunnel(proxy, authority);
  if (answer.status !== 200) {
    socket.destroy();
    return answer;
  }
  const secure = await startTls(socket, { ca, servername: options.servername ?? host.replace(/:\d+$/, '') });
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body as string, 'latin1');
  const length = body === undefined ? [] : [`Content-Length: ${bytes.length}`];
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...fields, ...length, '', ''].join('\r\n');
  const result = await askInside(secure, Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
  secure.destroy();
  return result;
}
