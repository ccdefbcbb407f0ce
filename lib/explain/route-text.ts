/** Routes in words and as code of a definition. */

import type { MatchedRoute } from './types.ts';

export const methodsText = (methods: readonly string[]): string => methods.join(', ');

export const portsText = (ports: readonly number[]): string =>
  `port${ports.length === 1 ? '' : 's'} ${ports.join(', ')}`;

/** `GET, POST below /v1/ on port 443`. */
export function routeText({ methods, pathPrefixes, ports, webSocket }: MatchedRoute): string {
  const what = methods === undefined ? 'any method' : methodsText(methods);
  const where = pathPrefixes === undefined ? 'on any path' : `below ${pathPrefixes.join(', ')}`;
  return `${what} ${where}, ${portsText(ports)}${webSocket ? ', WebSockets' : ''}`;
}

const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** `values` as a list in a definition. */
export const listCode = (values: readonly (string | number)[]): string =>
  `[${values.map((value) => (typeof value === 'number' ? String(value) : literal(value))).join(', ')}]`;

/** What a route is given in a definition; `auth` as code. */
export interface RouteCode {
  readonly host: string;
  readonly ports: readonly number[];
  readonly methods?: readonly string[] | undefined;
  readonly pathPrefixes?: readonly string[] | undefined;
  readonly auth?: string | undefined;
  readonly tlsPassthrough: boolean;
  readonly privateUpstream: boolean;
  readonly webSocket: boolean;
}

/** `Auth.bearer(HostEnv.of('GH_TOKEN'))`. */
export function authCode({ credential }: MatchedRoute, user: string | undefined): string | undefined {
  if (credential === undefined) return undefined;
  const from = `HostEnv.of(${literal(credential.name)})`;
  switch (credential.scheme) {
    case 'Bearer':
      return `Auth.bearer(${from})`;
    case 'token':
      return `Auth.token(${from})`;
    case 'Basic':
      return `Auth.basic(${literal(user ?? '')}, ${from})`;
    case 'header':
      return `Auth.header(${literal(credential.header)}, ${from})`;
  }
}

/** The route as it is written in a definition. */
export function routeCode(route: RouteCode): string {
  const isDefaultPort = route.ports.length === 1 && route.ports[0] === 443;
  const options = [
    ...(route.methods === undefined ? [] : [`methods: ${listCode(route.methods)}`]),
    ...(route.pathPrefixes === undefined ? [] : [`pathPrefixes: ${listCode(route.pathPrefixes)}`]),
    ...(isDefaultPort ? [] : [`ports: ${listCode(route.ports)}`]),
    ...(route.auth === undefined ? [] : [`auth: ${route.auth}`]),
    ...(['tlsPassthrough', 'privateUpstream', 'webSocket'] as const).flatMap((flag) =>
      route[flag] ? [`${flag}: true`] : [],
    ),
  ];
  return `Route.to(${literal(route.host)}${options.length === 0 ? '' : `, { ${options.join(', ')} }`})`;
}
