/** What is near, and what to do, where pipelock refuses. */

import { isIP } from 'node:net';
import { addressClass } from '../../images/sidecars/scanner/judge/address.ts';
import { hostProblem as proposalProblem } from '../../images/sidecars/supervise/host.ts';
import { NO_HOST } from '../plan/index.ts';
import { allowProblem, hostProblem } from '../rules/hosts.ts';
import { nearHosts } from './near.ts';
import { narrowestPrefix } from './opening.ts';
import type { PipelockOutcome } from './pipelock-stage.ts';
import { routeCode } from './route-text.ts';
import type { SentRequest } from './sent-request.ts';
import type { BottlePolicy, Explanation, Opening } from './types.ts';

const SECRET = 'take the secret out; what egress injects is the only credential that may leave (a route with auth)';

/** By pipelock's name of the check. */
const ADVICE: Readonly<Record<string, string>> = {
  dlp: SECRET,
  header_dlp: SECRET,
  subdomain_entropy:
    'name the host exactly in place of the wildcard: what the agent completes itself may carry data out',
  crlf_injection: 'take the encoded line break out',
  path_traversal: 'write the path without dot segments',
  length: 'put the data into a body: URLs end at 2048 characters',
  body_dlp:
    'send the body uncompressed and below pipelock.maxBodyBytes, or give the host a route with tlsPassthrough: true',
  tls_authority_mismatch: 'let the client name one host: the same in the URL and the Host header',
};

function codeAt(policy: BottlePolicy, code: string): Pick<Opening, 'code' | 'location'> {
  const location = policy.declared.pipelock ?? policy.declared.bottle;
  return { code, ...(location === undefined ? {} : { location }) };
}

const asRoute = (request: SentRequest, host: string, webSocket: boolean): string => {
  const prefix = narrowestPrefix(request.target);
  return routeCode({
    host,
    ports: [request.url.port],
    methods: [request.method],
    ...(prefix === undefined ? {} : { pathPrefixes: [prefix] }),
    tlsPassthrough: false,
    privateUpstream: hostProblem(host) !== undefined,
    webSocket,
  });
};

/** A host that no route and no entry of `allow` names, in a bottle without egress. */
function unlisted(policy: BottlePolicy, request: SentRequest, host: string): Opening {
  const problem = allowProblem(host);
  if (problem !== undefined) return { advice: [`no definition can allow it: ${host} ${problem}`] };
  const command = proposalProblem(host) === undefined ? { command: `bottle allow ${policy.slug} ${host}` } : {};
  return {
    ...codeAt(policy, `pipelock: { allow: ['${host}'] }`),
    ...command,
    advice: [`a route, which brings egress, limits it to what is needed: ${asRoute(request, host, false)}`],
  };
}

function addressAdvice(policy: BottlePolicy, host: string): string {
  if (addressClass(host) === 'never') {
    return `no definition can allow it: ${host} is loopback, link-local, multicast or a metadata service`;
  }
  const where = policy.egress === undefined ? 'on a route, which brings egress' : 'on its route';
  return `${host} is a private address: declare privateUpstream: true ${where}`;
}

function openingOf(policy: BottlePolicy, request: SentRequest, scanner: string, host: string): Opening {
  if (scanner === 'allowlist') return unlisted(policy, request, host);
  if (scanner === 'ssrf' && isIP(host) !== 0) return { advice: [addressAdvice(policy, host)] };
  if (scanner === 'port' || scanner === 'upgrade') {
    const why =
      policy.egress === undefined
        ? 'only a route, which brings egress, can open it'
        : 'only without pipelock.exposed: an exposed pipelock takes ports 80 and 443 and no upgrade';
    const code =
      policy.egress === undefined
        ? codeAt(policy, `egress: { routes: [${asRoute(request, host, scanner === 'upgrade')}] }`)
        : {};
    return { ...code, advice: [why] };
  }
  if (scanner === 'parser') {
    return {
      advice: ['no definition can allow it: the built-in scanner does not know this method, or cannot read the URL'],
    };
  }
  return { advice: [ADVICE[scanner] ?? 'change the request'] };
}

/** Near misses and the way to an opening. */
export function pipelockOpening(
  policy: BottlePolicy,
  request: SentRequest,
  { refusal, to }: PipelockOutcome,
  host: string,
): Pick<Explanation, 'near' | 'opening'> {
  const scanner = refusal?.scanner ?? '';
  const exact = policy.pipelock.config.api_allowlist.filter((entry) => !entry.startsWith('*.') && entry !== NO_HOST);
  const near = scanner === 'allowlist' && to !== undefined ? nearHosts(host, exact) : [];
  return { near, opening: openingOf(policy, request, scanner, host) };
}
