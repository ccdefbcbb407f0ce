/** CONNECT: the authority judged, the first bytes read for a ClientHello that agrees, then interception or a splice. */

import type { IncomingMessage, Server } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Authority, authorityText, parseAuthority } from '../judge/host.ts';
import { judgeHost } from '../judge/target.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { type ClientHello, readClientHello } from './client-hello.ts';
import { dialFirst, judgedAddresses, RefusedError } from './dial.ts';
import { fieldsOf, valuesOf } from './headers.ts';
import { replyOnSocket } from './reply.ts';
import { emitAllowed, emitBlocked, emitError, type Runtime, rateRefusal, subjectOf } from './runtime.ts';
import { splice } from './splice.ts';
import { UpstreamAgent } from './upstream.ts';

/** An intercepted connection: whom its requests may be for, and their way there. */
export interface Intercepted {
  readonly to: Authority;
  readonly agent: UpstreamAgent;
}

/** The open tunnels, so that a reload can close those that it no longer allows. */
export interface OpenTunnel {
  readonly host: string;
  readonly passthrough: boolean;
  readonly close: () => void;
}

export interface Tunnels {
  readonly open: Set<OpenTunnel>;
  /** What each intercepted connection is; a connection that is not in here speaks to the proxy itself. */
  readonly intercepted: WeakMap<Socket, Intercepted>;
}

/** As in pipelock. */
const MAX_TUNNELS = 1024;
const HELLO_TIMEOUT_MS = 5_000;
const HANDSHAKE_TIMEOUT_MS = 30_000;

/** Connects to `to` under the policy of this moment: resolves, judges, dials. */
export async function dial(runtime: Runtime, to: Authority): Promise<Socket> {
  const addresses = await judgedAddresses(to.host, runtime.policy(), runtime.resolver);
  return dialFirst(addresses, to.port, runtime.connector);
}

async function judgeConnect(runtime: Runtime, request: IncomingMessage, to: Authority): Promise<Refusal | undefined> {
  const policy = runtime.policy();
  const fields = fieldsOf(request.rawHeaders);
  const hosts = valuesOf(fields, 'host');
  const agrees = hosts.every((value) => {
    const named = parseAuthority(value, to.port);
    return named?.host === to.host && named.port === to.port;
  });
  if (!agrees || hosts.length > 1) return refusal('tls_authority_mismatch', 'authority mismatch');
  const refused = await judgeHost(to, policy);
  if (refused !== undefined) return refused;
  const secret = await runtime.content.judge({ kind: 'headers', fields, ignored: policy.ignoredHeaders });
  return secret === undefined ? rateRefusal(runtime, to) : refusal('header_dlp', 'header DLP match');
}

/** The ClientHello that `socket` begins with; its bytes are put back. Undefined: the client closed or stalled. */
function peekHello(socket: Socket): Promise<{ hello: ClientHello | 'malformed'; bytes: Buffer } | undefined> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const done = (hello: ClientHello | 'malformed' | undefined) => {
      clearTimeout(timer);
      socket.pause();
      socket.removeListener('data', onData);
      socket.removeListener('end', onEnd);
      socket.removeListener('close', onEnd);
      if (hello !== undefined && bytes.length > 0) socket.unshift(bytes);
      resolve(hello === undefined ? undefined : { hello, bytes });
    };
    const onData = (chunk: Buffer) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const verdict = readClientHello(bytes);
      if (verdict !== 'incomplete') done(verdict);
    };
    const onEnd = () => done(undefined);
    const timer = setTimeout(onEnd, HELLO_TIMEOUT_MS);
    socket.on('data', onData);
    socket.once('end', onEnd);
    socket.once('close', onEnd);
    socket.resume();
  });
}

/** Why the hello does not fit the CONNECT, in pipelock's categories; undefined if it does. */
function helloMismatch(hello: ClientHello | 'malformed', host: string): string | undefined {
  if (hello === 'malformed') return 'malformed';
  if (hello.encrypted) return 'encrypted_client_hello';
  const name = hello.serverName?.replace(/\.$/, '');
  // An address has no server name (RFC 6066 section 3).
  if (isIP(host) !== 0) return name === undefined || name === host ? undefined : 'mismatch';
  if (name === undefined) return 'no_extension';
  return name === host ? undefined : 'mismatch';
}

/** Terminates TLS towards the client and hands the plain side to `server`. */
async function intercept(
  runtime: Runtime,
  server: Server,
  tunnels: Tunnels,
  socket: Socket,
  to: Authority,
  ready: Socket,
) {
  const agent = new UpstreamAgent(to, runtime.roots, () => dial(runtime, to), ready);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  closed.then(() => agent.destroy());
  const secureContext = await runtime.leaves.contextFor(to.host);
  if (socket.destroyed) return closed;
  const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
  const timer = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT_MS);
  secure.once('error', () => socket.destroy());
  secure.once('close', () => socket.destroy());
  secure.once('secure', () => {
    clearTimeout(timer);
    tunnels.intercepted.set(secure, { to, agent });
    server.emit('connection', secure);
  });
  await closed;
  clearTimeout(timer);
}

async function passThrough(runtime: Runtime, socket: Socket, to: Authority, upstream: Socket): Promise<void> {
  const subject = subjectOf(socket, 'CONNECT', { target: authorityText(to) });
  const started = performance.now();
  emitAllowed(runtime, 'tunnel_open', subject, 'tunnel opened');
  const bytes = await splice(socket, upstream, runtime.policy().config.forward_proxy.idle_timeout_seconds);
  const duration = Math.round(performance.now() - started);
  emitAllowed(runtime, 'tunnel_close', { ...subject, total_bytes: bytes, duration_ms: duration }, 'tunnel closed');
}

async function runTunnel(
  runtime: Runtime,
  server: Server,
  tunnels: Tunnels,
  socket: Socket,
  to: Authority,
  upstream: Socket,
) {
  const policy = runtime.policy();
  // The policy may have changed while the name was resolved and dialled.
  if (!policy.allowed.has(to.host)) {
    socket.destroy();
    upstream.destroy();
    return;
  }
  const passthrough = policy.passthrough.has(to.host);
  const close = () => {
    socket.destroy();
    upstream.destroy();
  };
  const tunnel: OpenTunnel = { host: to.host, passthrough, close };
  tunnels.open.add(tunnel);
  const deadline = setTimeout(close, policy.config.forward_proxy.max_tunnel_seconds * 1000);
  deadline.unref();
  try {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    const peeked = await peekHello(socket);
    if (peeked === undefined) return;
    const category = helloMismatch(peeked.hello, to.host);
    if (category !== undefined) {
      const sni = peeked.hello === 'malformed' ? '' : (peeked.hello.serverName ?? '');
      const { client_ip, request_id } = subjectOf(socket, 'CONNECT', { target: to.host });
      const shown = { connect_host: to.host, sni_host: sni.slice(0, 255), client_ip, request_id, category };
      runtime.emit('warn', 'sni_mismatch', shown, 'SNI verification failed');
      return;
    }
    if (passthrough) await passThrough(runtime, socket, to, upstream);
    else await intercept(runtime, server, tunnels, socket, to, upstream);
  } finally {
    clearTimeout(deadline);
    tunnels.open.delete(tunnel);
    close();
  }
}

/** Answers one CONNECT; never throws. */
export async function handleConnect(
  runtime: Runtime,
  server: Server,
  tunnels: Tunnels,
  request: IncomingMessage,
  socket: Socket,
): Promise<void> {
  const to = parseAuthority(request.url ?? '', 443);
  const subject = subjectOf(socket, 'CONNECT', { target: to === undefined ? 'invalid' : authorityText(to) });
  try {
    if (to === undefined) throw new RefusedError(refusal('parser', 'invalid URL'));
    const refused = await judgeConnect(runtime, request, to);
    if (refused !== undefined) throw new RefusedError(refused);
    if (tunnels.open.size >= MAX_TUNNELS) {
      replyOnSocket(socket, 503, 'too many active tunnels');
      return;
    }
    const upstream = await dial(runtime, to);
    upstream.on('error', () => upstream.destroy());
    if (socket.destroyed) {
      upstream.destroy();
      return;
    }
    await runTunnel(runtime, server, tunnels, socket, to, upstream);
  } catch (reason) {
    if (reason instanceof RefusedError) {
      emitBlocked(runtime, subject, reason.refusal);
      replyOnSocket(socket, reason.refusal.status, `CONNECT blocked: ${reason.refusal.reason}`);
      return;
    }
    emitError(runtime, subject, reason);
    replyOnSocket(socket, 502, 'tunnel dial failed');
  }
}
