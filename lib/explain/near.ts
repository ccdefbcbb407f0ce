/** What is declared close to what was asked for. */

import { nearest } from '../plan/index.ts';
import { canonicalPath, splitTarget } from './egress/canonical.ts';
import { methodsText, portsText } from './route-text.ts';
import type { SentRequest } from './sent-request.ts';
import type { BottlePolicy, MatchedRoute } from './types.ts';

/** Declared hosts that `host` could have been meant to be, each with why. */
export function nearHosts(host: string, declared: readonly string[]): readonly string[] {
  const plain = host.replace(/\.$/, '');
  if (plain !== host && declared.includes(plain)) {
    return [`${plain} is declared, and ${host} is not: a route names its host without the final dot`];
  }
  const above = declared.find((other) => plain.endsWith(`.${other}`));
  if (above !== undefined) return [`${above} is declared; a route covers one exact host and none below it`];
  const below = declared.filter((other) => other.endsWith(`.${plain}`)).slice(0, 3);
  if (below.length > 0) return [`${below.join(', ')}: declared below ${plain}, which itself is not`];
  const meant = nearest(plain, declared);
  return meant === undefined ? [] : [`${meant} is declared; did you mean it?`];
}

function nearMethod({ host, methods = [] }: MatchedRoute, method: string): readonly string[] {
  const upper = method.toUpperCase();
  const isCase = upper !== method && (methods.length === 0 || methods.includes(upper));
  const why = isCase ? `; methods are case-sensitive: ${method} is not ${upper}` : '';
  if (methods.length === 0) return isCase ? [`${host} takes any method in upper case${why}`] : [];
  return methods.includes(method)
    ? []
    : [`${host} is declared, but ${method} is not among its methods ${methodsText(methods)}${why}`];
}

function nearPath({ host, pathPrefixes }: MatchedRoute, target: string): readonly string[] {
  const [raw] = splitTarget(target);
  const canonical = canonicalPath(raw);
  if (pathPrefixes === undefined || 'problem' in canonical) return [];
  const slashed = pathPrefixes.find((prefix) => prefix === `${raw}/`);
  if (slashed !== undefined) {
    return [
      `${host} is declared below ${slashed}: a prefix with a final slash covers what is below it, not ${raw} itself`,
    ];
  }
  const folded = pathPrefixes.find((prefix) => raw.toLowerCase().startsWith(prefix.toLowerCase()));
  const why = folded === undefined || raw.startsWith(folded) ? '' : '; paths are case-sensitive';
  return [`${host} is declared, but only below ${pathPrefixes.join(', ')}${why}`];
}

/** Near misses of a request that egress refuses by `rule`. */
export function nearMisses(
  policy: BottlePolicy,
  request: SentRequest,
  rule: string,
  route: MatchedRoute | undefined,
): readonly string[] {
  const host = request.url.host.toLowerCase();
  if (rule === 'route' && route === undefined) {
    const isListed = policy.pipelock.allowed.has(host);
    const half = isListed ? [`pipelock would let ${host} through; beside egress a host needs a route as well`] : [];
    return [...half, ...nearHosts(host, [...(policy.egress?.routes.keys() ?? [])])];
  }
  if (route === undefined) return [];
  if (rule === 'route' && !route.ports.includes(request.url.port)) {
    return [`${host} is declared, on ${portsText(route.ports)} and not on ${request.url.port}`];
  }
  if (rule === 'method') return nearMethod(route, request.method);
  return rule === 'path' ? nearPath(route, request.target) : [];
}
