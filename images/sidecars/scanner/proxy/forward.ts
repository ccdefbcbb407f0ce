/** One request from a client, judged whole, sent on, and its response streamed back under a cap. */

import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Authority, authorityText } from '../judge/host.ts';
import { judgeHost } from '../judge/target.ts';
import type { Policy } from '../policy.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { type ReadBody, readBody } from './body.ts';
import { RefusedError } from './dial.ts';
import { endToEnd, fieldsOf, type HeaderField, isEncoded, rawOf, valuesOf } from './headers.ts';
import { replyWithLine } from './reply.ts';
import { emitAllowed, emitBlocked, emitError, type Runtime, rateRefusal, type Subject, subjectOf } from './runtime.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly to: Authority;
  readonly scheme: 'http' | 'https';
  /** Path and query, in origin form. */
  readonly target: string;
  readonly agent: Agent;
  /** Called with the origin's answer, before it is judged. */
  readonly onAnswer: (incoming: IncomingMessage) => void;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** The checks of everything but the body; `fields` are all that the client sent. */
export async function judgeHead(
  runtime: Runtime,
  policy: Policy,
  to: Authority,
  scheme: string,
  target: string,
  fields: readonly HeaderField[],
): Promise<Refusal | undefined> {
  return (
    (await judgeHost(to, policy)) ??
    (await runtime.content.judge({ kind: 'target', origin: `${scheme}://${authorityText(to)}`, target })) ??
    (await runtime.content.judge({ kind: 'headers', fields, ignored: policy.ignoredHeaders })) ??
    rateRefusal(runtime, to)
  );
}

async function judgedBody(
  runtime: Runtime,
  policy: Policy,
  { request, response }: Exchange,
): Promise<ReadBody | Refusal> {
  const fields = fieldsOf(request.rawHeaders);
  if (isEncoded(fields)) {
    const shown = JSON.stringify(valuesOf(fields, 'content-encoding').join(', ').slice(0, 40));
    const why = `request body uses Content-Encoding ${shown}; compressed bodies cannot be scanned for secrets`;
    return refusal('body_dlp', why);
  }
  const body = await readBody(request, policy.config.request_body_scanning.max_body_bytes, runtime.bodyMemory);
  if (!('bytes' in body)) return body;
  const refused = await runtime.content.judge({ kind: 'body', bytes: body.bytes }, () => !response.destroyed);
  if (refused === undefined) return body;
  body.release();
  return refused;
}

/** What goes upstream: end-to-end fields, one Host, one length, and no invitation to compress. */
function outgoingFields({ request, to, scheme }: Exchange, body: Buffer): string[] {
  const port = scheme === 'https' ? 443 : 80;
  const host = authorityText(to);
  const hadBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const kept = endToEnd(fieldsOf(request.rawHeaders)).filter(
    ({ name }) => !['host', 'content-length', 'expect', 'accept-encoding'].includes(name.toLowerCase()),
  );
  return [
    'Host',
    to.port === port ? host.slice(0, host.lastIndexOf(':')) : host,
    ...rawOf(kept),
    ...(hadBody ? ['Content-Length', String(body.length)] : []),
  ];
}

function send(exchange: Exchange, body: Buffer, idleSeconds: number): Promise<[IncomingMessage, ClientRequest]> {
  const { request, response, to, target, agent } = exchange;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      agent,
      host: to.host,
      port: to.port,
      method: request.method ?? 'GET',
      path: target,
      headers: outgoingFields(exchange, body),
      timeout: idleSeconds * 1000,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('upstream idle')));
    outgoing.on('response', (incoming) => resolve([incoming, outgoing]));
    // An answer that switches protocols, to a request that asked for no such thing.
    outgoing.on('upgrade', (_incoming, socket) => {
      socket.destroy();
      reject(new Error('unexpected upgrade'));
    });
    outgoing.on('error', (error) => reject(Object.assign(error, { reused: outgoing.reusedSocket })));
    response.once('close', () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    outgoing.end(body);
  });
}

/** Sends, and sends again where a kept connection turns out to be closed and the method allows a repetition. */
async function sendWithRetry(exchange: Exchange, body: Buffer, idleSeconds: number) {
  try {
    return await send(exchange, body, idleSeconds);
  } catch (reason) {
    const reused = reason instanceof Error && 'reused' in reason && reason.reused === true;
    if (!reused || exchange.response.destroyed || !IDEMPOTENT.has(exchange.request.method ?? '')) throw reason;
    return await send(exchange, body, idleSeconds);
  }
}

const RESPONSE_TOO_LARGE = refusal(
  'tls_response_blocked',
  'response too large for scanning; hosts of large downloads are for tlsPassthrough',
);

function judgeResponse(incoming: IncomingMessage, method: string, policy: Policy): Refusal | undefined {
  const fields = fieldsOf(incoming.rawHeaders);
  if (policy.config.response_scanning !== undefined && isEncoded(fields)) {
    return refusal('tls_response_blocked', 'compressed response cannot be scanned');
  }
  const declared = Number(incoming.headers['content-length'] ?? 0);
  const hasBody = method !== 'HEAD' && incoming.statusCode !== 304;
  return hasBody && declared > policy.config.tls_interception.max_response_bytes ? RESPONSE_TOO_LARGE : undefined;
}

/** Streams the body; the count of its bytes. A body without a declared length is cut where it passes the cap. */
async function relayBody(incoming: IncomingMessage, response: ServerResponse, most: number): Promise<number> {
  let bytes = 0;
  await pipeline(
    incoming,
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > most) throw new RefusedError(RESPONSE_TOO_LARGE);
        yield chunk;
      }
    },
    response,
  );
  return bytes;
}

async function relay(
  runtime: Runtime,
  policy: Policy,
  exchange: Exchange,
  subject: Subject,
  body: Buffer,
): Promise<void> {
  const { request, response } = exchange;
  const started = performance.now();
  const { forward_proxy: limits, tls_interception: caps } = policy.config;
  const [incoming, outgoing] = await sendWithRetry(exchange, body, limits.idle_timeout_seconds);
  exchange.onAnswer(incoming);
  const refused = judgeResponse(incoming, request.method ?? '', policy);
  if (refused !== undefined) {
    outgoing.destroy();
    throw new RefusedError(refused);
  }
  const status = incoming.statusCode ?? 502;
  response.sendDate = false;
  response.writeHead(status, incoming.statusMessage, rawOf(endToEnd(fieldsOf(incoming.rawHeaders))));
  // The head goes at once: an event stream may have nothing else to say for a while.
  response.flushHeaders();
  const size = await relayBody(incoming, response, caps.max_response_bytes);
  const fields = {
    ...subject,
    status_code: status,
    size_bytes: size,
    duration_ms: Math.round(performance.now() - started),
  };
  const [event, message] =
    exchange.scheme === 'https' ? ['allowed', 'request allowed'] : ['forward_http', 'forward proxy request'];
  emitAllowed(runtime, event ?? '', fields, message ?? '');
}

/** Judges and forwards; always ends the response, never throws. */
export async function forward(runtime: Runtime, exchange: Exchange): Promise<void> {
  const { request, response, to, scheme, target } = exchange;
  const policy = runtime.policy();
  const path = target.split('?')[0] ?? '';
  const subject = subjectOf(request.socket, request.method ?? '', { url: `${scheme}://${authorityText(to)}${path}` });
  try {
    const head = await judgeHead(runtime, policy, to, scheme, target, fieldsOf(request.rawHeaders));
    if (head !== undefined) throw new RefusedError(head);
    const body = await judgedBody(runtime, policy, exchange);
    if (!('bytes' in body)) throw new RefusedError(body);
    try {
      await relay(runtime, policy, exchange, subject, body.bytes);
    } finally {
      body.release();
    }
  } catch (reason) {
    if (reason instanceof RefusedError) {
      emitBlocked(runtime, subject, reason.refusal);
      replyWithLine(response, reason.refusal.status, `blocked: ${reason.refusal.reason}`);
      return;
    }
    if (response.destroyed) return;
    emitError(runtime, subject, reason);
    replyWithLine(response, 502, scheme === 'https' ? 'upstream error' : 'forward proxy fetch failed');
  }
}
