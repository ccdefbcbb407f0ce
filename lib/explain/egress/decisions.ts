/**
 * The verdict of egress on one request: images/sidecars/egress/decisions.py in TypeScript, rule by rule and word by
 * word. Pure; the caller supplies what is true of the connection. Each character of a text stands for one byte.
 */

import { tokenSlotName } from '../../plan/index.ts';
import { agreed, agrees, destinationOf } from './agreement.ts';
import {
  canonicalAuthority,
  canonicalName,
  canonicalPath,
  isBelow,
  isGitPush,
  splitTarget,
  stripped,
} from './canonical.ts';
import { isForwarding, isMethodHeader, isPathHeader, queryMethods } from './overrides.ts';
import { type EgressPolicy, type EgressRoute, MAGIC_HOST } from './policy.ts';
import {
  allowed,
  type Circumstances,
  CONTROL,
  type EgressRequest,
  type EgressVerdict,
  type Known,
  Refusal,
  valuesOf,
  verdictOf,
} from './verdict.ts';

const ASK_EGRESS = 'egress-block';

const METHOD = /^[A-Z][A-Z-]{0,31}$/;
const TRACES = ['TRACE', 'TRACK'];
const PUSH_HEADERS = ['content-type', 'accept'];
/** What asks for an answer in which a credential could not be found: deleted where there is one. */
const DISGUISES = [
  'range',
  'if-range',
  'request-range',
  'x-ms-range',
  'accept-charset',
  'a-im',
  'te',
  'sec-websocket-extensions',
];

function listed(policy: EgressPolicy, host: string, port: number, now: number): EgressRoute {
  const route = policy.routes.get(host);
  if (route === undefined || (route.expires !== undefined && route.expires <= now)) {
    throw new Refusal('route', `${host} is not on this bottle's allowlist`, ASK_EGRESS);
  }
  if (!route.entry.ports.includes(port)) {
    throw new Refusal('route', `port ${port} of ${host} is not on this bottle's allowlist`, ASK_EGRESS);
  }
  return route;
}

/**
 * The verdict on opening a tunnel; `hosts` are the Host headers that come with it. An unlisted host on 443 gets its
 * tunnel, which leads nowhere: its requests are refused inside TLS, where the client shows the reason.
 */
export function judgeConnect(
  policy: EgressPolicy,
  authority: string,
  hosts: readonly string[],
  now: number,
): EgressVerdict {
  return verdictOf((known) => {
    const target = canonicalAuthority(authority);
    if (target?.port === undefined) throw new Refusal('authority', 'CONNECT needs a plain host:port');
    const { host, port } = target;
    Object.assign(known, { host, port });
    if (hosts.length > 1 || hosts.some((text) => !agrees(text, host, port))) {
      throw new Refusal('authority', `CONNECT ${host}:${port} and its Host header disagree`);
    }
    if (host !== MAGIC_HOST && port !== 443) listed(policy, host, port, now);
    return allowed(known, 'tunnel');
  });
}

function isDeleted(policy: EgressPolicy, { entry }: EgressRoute, name: string): boolean {
  const canonical = canonicalName(name);
  const isDisguise = DISGUISES.includes(canonical) || canonical.endsWith('accept-encoding');
  return policy.deleted.has(canonical) || isForwarding(name) || (entry.auth !== undefined && isDisguise);
}

function refuseMethods({ entry }: EgressRoute, methods: readonly string[]): void {
  if (entry.methods !== undefined && methods.some((method) => entry.methods?.includes(method) !== true)) {
    throw new Refusal('method', `this method is not allowed for ${entry.host}`, ASK_EGRESS);
  }
}

function policedPath(route: EgressRoute, request: EgressRequest, rawPath: string, query: string): string {
  const { host } = route.entry;
  if (!METHOD.test(request.method) || request.method === 'CONNECT') {
    throw new Refusal('method', `this method is not allowed for ${host}`, ASK_EGRESS);
  }
  const overrides = request.headers.flatMap(([name, value]) =>
    isMethodHeader(name) ? [stripped(value).toUpperCase()] : [],
  );
  refuseMethods(route, [request.method, ...overrides, ...queryMethods(query)]);
  if (overrides.some((method) => TRACES.includes(method) || method === 'CONNECT')) {
    throw new Refusal('method', `this method is not allowed for ${host}`);
  }
  const canonical = canonicalPath(rawPath);
  if ('problem' in canonical) throw new Refusal('path', canonical.problem);
  if (CONTROL.test(query) || /[^\0-\x7f]|[ #]/.test(query)) {
    throw new Refusal('path', 'the query has a space, a control character, a fragment or a byte outside ASCII');
  }
  const { path } = canonical;
  if (route.pathPrefixes !== undefined) {
    if (!route.pathPrefixes.some((prefix) => isBelow(path, prefix))) {
      throw new Refusal('path', `this path of ${host} is not on this bottle's allowlist`, ASK_EGRESS);
    }
    if (request.headers.some(([name]) => isPathHeader(name))) {
      throw new Refusal('path', 'a header that rewrites the path is not allowed here');
    }
  }
  return path;
}

function refuseUnsafe({ entry }: EgressRoute, request: EgressRequest): void {
  const { host } = entry;
  if (request.scheme !== 'https') {
    if (entry.auth !== undefined) {
      throw new Refusal('plain-http', `${host} has a credential, so it must be asked over https`);
    }
    if (request.connect !== null) {
      throw new Refusal('plain-http', 'plain HTTP inside a tunnel is not allowed; ask the proxy for the http URL');
    }
  }
  if (TRACES.includes(request.method)) {
    throw new Refusal('trace', `${request.method} is not allowed: it would echo the credential`);
  }
  const upgrades = valuesOf(request, ['upgrade']).map((text) => stripped(text).toLowerCase());
  const isDeclared = entry.webSocket === true && request.method === 'GET' && upgrades.join() === 'websocket';
  if ((upgrades.length > 0 && !isDeclared) || valuesOf(request, ['http2-settings']).length > 0) {
    throw new Refusal('upgrade', `this protocol upgrade is not declared for ${host}`);
  }
}

function local({ method }: EgressRequest, rawPath: string, known: Known): EgressVerdict {
  if (['GET', 'HEAD'].includes(method) && ['/allowlist', '/health'].includes(rawPath)) {
    return { ...allowed(known, 'magic-host'), action: 'local' };
  }
  throw new Refusal('magic-host', `${MAGIC_HOST} answers GET /allowlist and GET /health`);
}

/** The verdict on a request, in the order of docs/reference/egress.md. */
export function judge(policy: EgressPolicy, request: EgressRequest, circumstances: Circumstances): EgressVerdict {
  return verdictOf((known) => {
    const [rawPath, query] = splitTarget(request.target);
    known.path = rawPath;
    const destination = destinationOf(request);
    Object.assign(known, destination ?? {});
    if (destination?.host === MAGIC_HOST) return local(request, rawPath, known);
    const announcesPush = valuesOf(request, PUSH_HEADERS).some((value) =>
      value.toLowerCase().includes('x-git-receive-pack'),
    );
    if (isGitPush(request.target) || announcesPush) {
      throw new Refusal('git-push', 'git push over HTTPS is not allowed; push to the git-gate remote instead');
    }
    const { host, port } = agreed(request, destination);
    const route = listed(policy, host, port, circumstances.now);
    const { auth, grant } = route.entry;
    known.deleted = request.headers.map(([name]) => name).filter((name) => isDeleted(policy, route, name));
    if (grant?.usesLeft !== undefined) {
      known.grant = grant.id;
      if ((circumstances.used[grant.id] ?? 0) >= grant.usesLeft) {
        throw new Refusal('route', `the grant for ${host} is used up`, ASK_EGRESS);
      }
    }
    known.path = policedPath(route, request, rawPath, query);
    refuseUnsafe(route, request);
    if (auth !== undefined && !circumstances.filled(auth.slot)) {
      const slot = tokenSlotName(auth.slot);
      throw new Refusal('token', `the credential of ${host} is empty, too short or unusable (${slot})`);
    }
    const webSocket = valuesOf(request, ['upgrade']).length > 0;
    return { ...allowed(known, 'route'), webSocket, ...(auth === undefined ? {} : { inject: auth }) };
  });
}
