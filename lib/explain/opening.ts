/** How to have what was refused: the route to add, as code, and the command for the bottle that runs. */

import { hostProblem as proposalProblem } from '../../images/sidecars/supervise/host.ts';
import { hostProblem } from '../rules/hosts.ts';
import { methodProblem, pathPrefixProblem } from '../rules/route-values.ts';
import { splitTarget } from './egress/canonical.ts';
import { type EgressPolicy, egressPolicy } from './egress/index.ts';
import { type EgressOutcome, egressOutcome } from './egress-stage.ts';
import { authCode, type RouteCode, routeCode } from './route-text.ts';
import type { SentRequest } from './sent-request.ts';
import type { BottlePolicy, MatchedRoute, Opening } from './types.ts';

/** What a request needs that its host's route does not give; a new route is nothing but this. */
interface Missing {
  readonly port: boolean;
  readonly method: boolean;
  readonly path: boolean;
  readonly webSocket: boolean;
}

/** The narrowest prefix that covers the path and that a definition takes; undefined: only all paths do. */
export function narrowestPrefix(target: string): string | undefined {
  const [path] = splitTarget(target);
  const segments = path.split('/');
  const parents = segments.map((_, index) => `${segments.slice(0, segments.length - 1 - index).join('/')}/`);
  return [path, ...parents].find((prefix) => prefix !== '/' && pathPrefixProblem([prefix], 0) === undefined);
}

const joined = <T>(values: readonly T[], more: readonly T[]): readonly T[] => [...new Set([...values, ...more])];

const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function missingOf(request: SentRequest, route: MatchedRoute | undefined, isBelowPrefix: boolean): Missing {
  const asksUpgrade = request.headers.some(([name]) => name.toLowerCase() === 'upgrade');
  return {
    port: route === undefined ? request.url.port !== 443 : !route.ports.includes(request.url.port),
    method: route === undefined || route.methods?.includes(request.method) === false,
    path: route === undefined || (route.pathPrefixes !== undefined && !isBelowPrefix),
    webSocket: asksUpgrade && route?.webSocket !== true,
  };
}

function command(
  slug: string,
  request: SentRequest,
  host: string,
  missing: Missing,
  prefix: string | undefined,
): string {
  const words = [
    'bottle allow',
    slug,
    host,
    ...(missing.method ? [`--method ${request.method}`] : []),
    ...(missing.path && prefix !== undefined ? [`--path-prefix ${shellWord(prefix)}`] : []),
    ...(missing.path && prefix === undefined && !missing.method ? ['--path-prefix /'] : []),
    ...(missing.port ? [`--port ${request.url.port}`] : []),
    ...(missing.webSocket ? ['--web-socket'] : []),
  ];
  return words.join(' ');
}

/** The route with what it misses, or a new one of nothing else. */
function widened(
  request: SentRequest,
  route: MatchedRoute | undefined,
  missing: Missing,
  prefix: string | undefined,
): Omit<RouteCode, 'auth'> {
  if (route === undefined) {
    const host = request.url.host.toLowerCase();
    return {
      host,
      ports: [request.url.port],
      methods: [request.method],
      pathPrefixes: prefix === undefined ? undefined : [prefix],
      tlsPassthrough: false,
      privateUpstream: hostProblem(host) !== undefined,
      webSocket: missing.webSocket,
    };
  }
  const { methods, pathPrefixes } = route;
  const morePaths = prefix === undefined ? undefined : joined(pathPrefixes ?? [], [prefix]);
  return {
    ...route,
    ports: missing.port ? joined(route.ports, [request.url.port]) : route.ports,
    methods: missing.method ? joined(methods ?? [], [request.method]) : methods,
    pathPrefixes: missing.path ? morePaths : pathPrefixes,
    webSocket: route.webSocket || missing.webSocket,
  };
}

/** What egress would still say with this route. */
function outcomeWith(policy: EgressPolicy, request: SentRequest, route: Omit<RouteCode, 'auth'>): EgressOutcome {
  const { host, ports, methods, pathPrefixes, webSocket } = route;
  const auth = policy.routes.get(host)?.entry.auth;
  const entry = {
    host,
    ports,
    ...(methods === undefined ? {} : { methods }),
    ...(pathPrefixes === undefined ? {} : { pathPrefixes }),
    ...(auth === undefined ? {} : { auth }),
    ...(webSocket ? { webSocket } : {}),
  };
  const { listen, maxBodyBytes } = policy;
  return egressOutcome(egressPolicy({ version: 1, listen, maxBodyBytes, routes: [entry] }), request, 0);
}

const DEAD_ENDS: Readonly<Record<string, readonly string[]>> = {
  'git-push': [
    'declare a GitRemote in gitGate.remotes and push to that: git-gate scans the push and forwards it over SSH',
  ],
  authority: ['let the client name one host: the same in the URL, the Host header and the TLS server name'],
  trace: ['no route can allow it'],
  'magic-host': ['ask GET http://_egress.local/allowlist, which lists what is open'],
  malformed: ['no route can allow it; correct the request'],
  raw: ['no route can allow it; methods are upper-case letters and hyphens'],
};

function deadEnd(request: SentRequest, rule: string, reason: string): readonly string[] {
  const known = DEAD_ENDS[rule];
  if (known !== undefined) return known;
  if (rule === 'plain-http') return [`ask https://${request.url.host}${request.target} instead`];
  if (rule === 'body')
    return ['raise pipelock.maxBodyBytes in the definition, up to 64 MiB; what is larger cannot be scanned'];
  if (rule === 'path')
    return [`egress refuses such a path on every route (${reason}): spell it in the one way in which it can be read`];
  if (rule === 'upgrade') return ['only a WebSocket can be declared (webSocket: true), for GET'];
  if (methodProblem([request.method], 0) !== undefined) {
    const upper = request.method.toUpperCase();
    const isCase = upper !== request.method && methodProblem([upper], 0) === undefined;
    return [
      isCase
        ? `send ${upper}: no route can name a method in lower case`
        : `no route can name the method ${request.method}`,
    ];
  }
  return ['leave out what names another method or path (override headers, _method in the query)'];
}

/** Where a route that is not there yet belongs. */
const placeOf = ({ declared }: BottlePolicy, route: MatchedRoute | undefined): Pick<Opening, 'location'> => {
  const location = route?.location ?? declared.bottle;
  return location === undefined ? {} : { location };
};

/** The opening of a request that egress refuses by `rule`; `isBelowPrefix`: its path is one of the route's. */
export function openingOf(
  policy: BottlePolicy,
  request: SentRequest,
  refused: { readonly rule: string; readonly reason: string; readonly isBelowPrefix: boolean },
  route: MatchedRoute | undefined,
): Opening {
  const { rule, reason } = refused;
  const host = request.url.host.toLowerCase();
  const missing = missingOf(request, route, refused.isBelowPrefix);
  const opensSocket = missing.webSocket && request.method === 'GET' && isWebSocket(request);
  const isOpenable = ['route', 'method', 'path'].includes(rule)
    ? needsMore(missing)
    : rule === 'upgrade' && opensSocket;
  const isPathProblem = rule === 'path' && !reason.startsWith('this path of');
  if (!isOpenable || isPathProblem || methodProblem([request.method], 0) !== undefined) {
    return { advice: deadEnd(request, rule, reason) };
  }
  const problem = route === undefined ? hostProblem(host, true) : undefined;
  if (problem !== undefined) return { advice: [`no route can name it: ${host} ${problem}`] };
  if (missing.port && request.url.port === 80 && route?.credential !== undefined) {
    const instead = `https://${request.url.host}${request.target}`;
    return { advice: [`ask ${instead}: no route may have port 80 beside a credential, which plain HTTP would show`] };
  }
  const prefix = missing.path ? narrowestPrefix(request.target) : undefined;
  const more = widened(request, route, missing, prefix);
  const then = policy.egress === undefined ? undefined : outcomeWith(policy.egress, request, more);
  if (then?.action === 'refuse') return { advice: deadEnd(request, then.rule, then.reason) };
  const user = policy.egress?.routes.get(host)?.entry.auth?.user;
  const code = routeCode({ ...more, auth: route === undefined ? undefined : authCode(route, user) });
  const axes = [missing.port, missing.method, missing.path].filter(Boolean).length;
  const grantFault = route === undefined ? (hostProblem(host) ?? proposalProblem(host)) : undefined;
  if (route !== undefined && axes > 1) {
    const advice = [
      'one route opens every combination of its methods, paths and ports: this opens more than the request',
    ];
    return { code, ...placeOf(policy, route), advice };
  }
  return {
    code,
    ...placeOf(policy, route),
    ...(grantFault === undefined ? { command: command(policy.slug, request, host, missing, prefix) } : {}),
    advice: grantFault === undefined ? [] : [`only a definition can open it: ${host} ${grantFault}`],
  };
}

const needsMore = ({ port, method, path, webSocket }: Missing): boolean => port || method || path || webSocket;

const isWebSocket = ({ headers }: SentRequest): boolean =>
  headers.some(([name, value]) => name.toLowerCase() === 'upgrade' && value.trim().toLowerCase() === 'websocket');
