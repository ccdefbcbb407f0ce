/** Answers that the scanner writes itself, in the words and headers that pipelock (Go's `http.Error`) uses. */

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const lineOf = (text: string): string => `${text}\n`;

function hasUnreadBody({ complete, headers }: IncomingMessage): boolean {
  const announced = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return announced && !complete;
}

/** Ends `response` with one line of text. */
export function replyWithLine(response: ServerResponse, status: number, line: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = lineOf(line);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(body),
    // What is left of a refused request's body is not waited for on a connection that goes on.
    ...(hasUnreadBody(response.req) ? { Connection: 'close' } : {}),
  });
  response.end(body);
  response.req.resume();
}

/** Ends `socket`, on which no response object stands (CONNECT, upgrade), with one line of text. */
export function replyOnSocket(socket: Socket, status: number, line: string): void {
  const body = lineOf(line);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: text/plain; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
}

/** Answers on a connection whose requests are not to be answered any more, and closes it, whatever the client does. */
export function replyAndClose(socket: Socket, status: number, line: string): void {
  if (!socket.writable) return;
  replyOnSocket(socket, status, line);
  socket.destroySoon();
}
