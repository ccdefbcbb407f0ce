/** WebSocket upgrades: the handshake is judged like any request, the frames after a 101 pass. */

import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Authority, authorityText } from '../judge/host.ts';
import { refusal } from '../refusal.ts';
import { RefusedError } from './dial.ts';
import { judgeHead } from './forward.ts';
import { endToEnd, fieldsOf, type HeaderField, rawOf } from './headers.ts';
import { replyOnSocket } from './reply.ts';
import { emitAllowed, emitBlocked, emitError, type Runtime, subjectOf } from './runtime.ts';
import { splice } from './splice.ts';

export interface UpgradeExchange {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What the client sent after its handshake. */
  readonly head: Buffer;
  readonly to: Authority;
  readonly scheme: 'http' | 'https';
  readonly target: string;
  readonly agent: Agent;
}

const headText = (incoming: IncomingMessage, fields: readonly HeaderField[]): string =>
  [
    `HTTP/1.1 ${incoming.statusCode} ${incoming.statusMessage}`,
    ...fields.map(({ name, value }) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

function sendUpgrade({ request, to, target, agent }: UpgradeExchange): Promise<[IncomingMessage, Duplex?, Buffer?]> {
  const fields = endToEnd(fieldsOf(request.rawHeaders)).filter(({ name }) => name.toLowerCase() !== 'content-length');
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      agent,
      host: to.host,
      port: to.port,
      method: 'GET',
      path: target,
      headers: [...rawOf(fields), 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
    });
    outgoing.on('upgrade', (incoming, upstream, rest) => resolve([incoming, upstream, rest]));
    outgoing.on('response', (incoming) => resolve([incoming]));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Judges and forwards an upgrade; always ends the socket, never throws. */
export async function forwardUpgrade(runtime: Runtime, exchange: UpgradeExchange): Promise<void> {
  const { request, socket, head, to, scheme, target } = exchange;
  const policy = runtime.policy();
  const path = target.split('?')[0] ?? '';
  const subject = subjectOf(socket, request.method ?? '', { url: `${scheme}://${authorityText(to)}${path}` });
  try {
    const protocol = (request.headers.upgrade ?? '').trim().toLowerCase();
    if (request.method !== 'GET' || protocol !== 'websocket' || !policy.behindEgress) {
      throw new RefusedError(refusal('upgrade', 'protocol upgrade not allowed'));
    }
    const refused = await judgeHead(runtime, policy, to, scheme, target, fieldsOf(request.rawHeaders));
    if (refused !== undefined) throw new RefusedError(refused);
    const [incoming, upstream, rest] = await sendUpgrade(exchange);
    if (upstream === undefined) {
      const fields = endToEnd(fieldsOf(incoming.rawHeaders)).filter(
        ({ name }) => name.toLowerCase() !== 'content-length',
      );
      socket.write(headText(incoming, [...fields, { name: 'Connection', value: 'close' }]));
      incoming.pipe(socket);
      return;
    }
    const switched = [
      { name: 'Connection', value: 'Upgrade' },
      { name: 'Upgrade', value: 'websocket' },
    ];
    socket.write(headText(incoming, [...endToEnd(fieldsOf(incoming.rawHeaders)), ...switched]));
    if (rest !== undefined && rest.length > 0) socket.write(rest);
    if (head.length > 0) upstream.write(head);
    const bytes = await splice(socket, upstream, policy.config.forward_proxy.idle_timeout_seconds);
    emitAllowed(runtime, 'ws_close', { ...subject, total_bytes: bytes }, 'websocket closed');
  } catch (reason) {
    if (reason instanceof RefusedError) {
      emitBlocked(runtime, subject, reason.refusal);
      replyOnSocket(socket, reason.refusal.status, `blocked: ${reason.refusal.reason}`);
      return;
    }
    emitError(runtime, subject, reason);
    replyOnSocket(socket, 502, 'upstream error');
  }
}
