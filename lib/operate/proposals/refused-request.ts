/** Why a request of a pipelock-block was refused, as far as the policy shows, and what would let it through. */

import { prefixProblem } from '../../rules/path-prefix.ts';
import type { Policy } from '../grants/index.ts';
import type { OpenChange } from '../grants/model.ts';
import { contains } from '../grants/reach.ts';

export type RefusedRequest =
  /** The policy does not let it through: `change` would, and no more than it. */
  | { readonly by: 'allowlist'; readonly change: OpenChange }
  /** The policy does: what refused it is a scan of its content, a size or a rate. */
  | { readonly by: 'scan' }
  /** Its path is one that no prefix can name, so nothing short of the whole host would let it through. */
  | { readonly by: 'path'; readonly change: OpenChange; readonly problem: string };

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

function portOf(url: URL): number {
  return url.port === '' ? (DEFAULT_PORT[url.protocol] ?? 443) : Number(url.port);
}

const covers = (entry: string, host: string): boolean =>
  entry === host || (entry.startsWith('*.') && host.endsWith(entry.slice(1)));

/** `failedUrl` is what the agent says that it asked for; the query is not part of a policy. */
export function refusedRequest(failedUrl: string, policy: Policy): RefusedRequest {
  const url = new URL(failedUrl);
  const host = url.hostname;
  const isAllowed = policy.pipelock.api_allowlist.some((entry) => covers(entry, host));
  if (policy.routes === undefined) {
    return isAllowed ? { by: 'scan' } : { by: 'allowlist', change: { kind: 'open', host } };
  }
  const port = portOf(url);
  const problem = prefixProblem(url.pathname);
  const route = policy.routes.routes.find((one) => one.host === host);
  const path = problem === undefined ? [url.pathname] : undefined;
  const request = { ports: [port], methods: route?.methods, ...(path === undefined ? {} : { pathPrefixes: path }) };
  if (isAllowed && route !== undefined && contains(route, request)) return { by: 'scan' };
  const change: OpenChange = { kind: 'open', host, ...(port === 443 ? {} : { ports: [port] }) };
  if (problem !== undefined) return { by: 'path', change, problem };
  return { by: 'allowlist', change: { ...change, pathPrefixes: [url.pathname] } };
}
