/** The routes of egress and the allowlist of pipelock. */

import { type BottlePlan, quoted, type RoutePlan } from '../plan/index.ts';
import { allowProblem, hostProblem } from './hosts.ts';
import { authHeaderProblem, authUserProblem, methodProblem, pathPrefixProblem, portProblem } from './route-values.ts';
import type { Breach, Rule } from './rule.ts';

interface Declared {
  readonly path: string;
  readonly route: RoutePlan;
}

const routesOf = ({ sidecars: { egress } }: BottlePlan): readonly Declared[] =>
  (egress?.routes ?? []).map((route) => ({ path: egress?.path ?? '', route }));

const breach = ({ path, route }: Declared, message: string): Breach => ({ path, part: route, message });

/** What to do about a host that is no spelling of the one that is meant. */
function hostFix(host: string, problem: string): { readonly fix?: string } {
  if (problem.startsWith('has a wildcard')) {
    return { fix: "declare a route for each host that the agent needs, e.g. Route.to('api.example.com')" };
  }
  if (problem.includes('`privateUpstream: true`')) {
    return { fix: `write Route.to(${quoted(host)}, { privateUpstream: true }) if the agent is to reach that machine` };
  }
  return /^is a (?:name|link-local|\S+ address)/.test(problem) ? { fix: 'remove the route, or name another host' } : {};
}

/** Zones that no public name server answers for (RFC 6762, RFC 8375, ICANN on `internal`, and usage). */
const PRIVATE_ZONES = ['local', 'internal', 'home.arpa', 'lan', 'home', 'corp', 'intranet', 'private', 'localdomain'];

export const ROUTE_RULES: readonly Rule[] = [
  {
    id: 'bottles::route-host',
    severity: 'error',
    what: 'a route to anything but one exact host of the outside',
    why: 'egress compares exact names, and an address of this machine or of a metadata service is a way out',
    fix: "write the host alone, e.g. Route.to('api.example.com')",
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        const { host, privateUpstream } = declared.route;
        const problem = hostProblem(host, privateUpstream);
        if (problem === undefined) continue;
        yield { ...breach(declared, `route host ${quoted(host)} ${problem}`), ...hostFix(host, problem) };
      }
    },
  },
  {
    id: 'bottles::route-unique',
    severity: 'error',
    what: 'two routes to one host, in any letter case',
    why: 'which of the two policies holds would depend on their order',
    fix: 'make one route of them',
    *check(bottle) {
      const hosts = new Set<string>();
      for (const declared of routesOf(bottle)) {
        const { host } = declared.route;
        if (hosts.has(host))
          yield breach(declared, `a second route to ${quoted(host)}; allowed: one route a host, in any letter case`);
        hosts.add(host);
      }
    },
  },
  {
    id: 'bottles::route-methods',
    severity: 'error',
    what: 'an empty list of methods, or a method that is no upper-case name, TRACE, TRACK or CONNECT',
    why: 'methods are case-sensitive; TRACE echoes the injected credential and CONNECT opens a tunnel',
    fix: "write methods as they stand in a request, e.g. ['GET', 'HEAD']",
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        const { host, methods } = declared.route;
        if (methods?.length === 0) {
          yield breach(
            declared,
            `\`methods\` of route ${quoted(host)} is empty; allowed: one method at least, or no \`methods\``,
          );
        }
        for (const [index, method] of (methods ?? []).entries()) {
          const problem = methodProblem(methods ?? [], index);
          if (problem !== undefined)
            yield breach(declared, `method ${quoted(method)} of route ${quoted(host)}; ${problem}`);
        }
      }
    },
  },
  {
    id: 'bottles::route-path-prefixes',
    severity: 'error',
    what: 'an empty list of path prefixes, a prefix twice, or one that is no canonical absolute path',
    why: 'egress judges canonical paths, so another spelling would never match, or match too much',
    fix: "write e.g. ['/repos/acme/']",
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        const { host, pathPrefixes } = declared.route;
        if (pathPrefixes?.length === 0) {
          yield breach(
            declared,
            `\`pathPrefixes\` of route ${quoted(host)} is empty; allowed: one prefix at least, or no \`pathPrefixes\``,
          );
        }
        for (const [index, prefix] of (pathPrefixes ?? []).entries()) {
          const problem = pathPrefixProblem(pathPrefixes ?? [], index);
          if (problem !== undefined)
            yield breach(declared, `path prefix ${quoted(prefix)} of route ${quoted(host)} ${problem}`);
        }
      }
    },
  },
  {
    id: 'bottles::route-ports',
    severity: 'error',
    what: 'an empty list of ports, or a port outside 1 to 65535',
    why: 'no connection can be made there',
    fix: 'write e.g. [443], or leave `ports` out',
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        const { host, ports } = declared.route;
        if (ports.length === 0)
          yield breach(declared, `\`ports\` of route ${quoted(host)} is empty; allowed: one port at least`);
        for (const [index, port] of ports.entries()) {
          const problem = portProblem(ports, index);
          if (problem !== undefined) yield breach(declared, `port ${port} of route ${quoted(host)}; ${problem}`);
        }
      }
    },
  },
  {
    id: 'bottles::route-auth-header',
    severity: 'error',
    what: 'a credential in a header that frames a message, names its receiver or belongs to a hop',
    why: 'it would change what the request is, or where it goes',
    fix: "name the API's own header, e.g. Auth.header('X-Api-Key', …)",
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        const { host, auth } = declared.route;
        const header = auth?.header;
        const problem = header === undefined ? undefined : authHeaderProblem(header);
        if (problem !== undefined)
          yield breach(declared, `header ${quoted(header ?? '')} of route ${quoted(host)} ${problem}`);
      }
    },
  },
  {
    id: 'bottles::route-auth-user',
    severity: 'error',
    what: 'a user of Auth.basic that is empty, or has a colon or a character that is not printable ASCII',
    why: 'the colon ends the user name (RFC 7617), so the rest would become part of the password; egress refuses the others at start',
    fix: "give the user name alone; where an API ignores it, any will do, e.g. 'x'",
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        const { host, auth } = declared.route;
        const problem = auth?.user === undefined ? undefined : authUserProblem(auth.user);
        if (problem !== undefined) yield breach(declared, `the user of Auth.basic of route ${quoted(host)} ${problem}`);
      }
    },
  },
  {
    id: 'bottles::route-auth-plain-http',
    severity: 'error',
    what: 'a credential on the port of plain HTTP',
    why: 'it would cross the network readable, so egress refuses plain HTTP on a route with `auth`: the port can only be a mistake',
    fix: 'leave port 80 out; a host that has both may be a route without `auth`',
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        const { host, auth, ports } = declared.route;
        if (auth === undefined || !ports.includes(80)) continue;
        yield breach(declared, `port 80 of route ${quoted(host)}, which has \`auth\`; allowed: ports of HTTPS`);
      }
    },
  },
  {
    id: 'bottles::route-private-name',
    severity: 'warning',
    what: 'a route to a name of a private network, without `privateUpstream`',
    why: 'such a name leads to a private address where it leads anywhere, and pipelock refuses those unless the route says that it may',
    fix: 'set `privateUpstream: true` if the host is one of yours',
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        const { host, privateUpstream } = declared.route;
        const zone = privateUpstream ? undefined : PRIVATE_ZONES.find((name) => host.endsWith(`.${name}`));
        if (zone === undefined) continue;
        yield breach(declared, `route host ${quoted(host)} is below ${quoted(zone)}, which is for private networks`);
      }
    },
  },
  {
    id: 'bottles::route-tls-passthrough',
    severity: 'warning',
    what: 'a route whose content pipelock does not scan',
    why: 'pipelock splices the TLS of the host through, so a secret in a request to it is not seen',
    fix: 'keep `tlsPassthrough` to model APIs and hosts of large downloads',
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        if (!declared.route.tlsPassthrough) continue;
        yield breach(
          declared,
          `\`tlsPassthrough\` of route ${quoted(declared.route.host)} switches pipelock's content scan off for this host`,
        );
      }
    },
  },
  {
    id: 'bottles::route-web-socket',
    severity: 'warning',
    what: 'a route on which the agent may open a WebSocket',
    why: 'nobody scans the frames, so a secret that is sent in one is not seen',
    fix: 'keep `webSocket` to hosts that need it',
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        if (!declared.route.webSocket) continue;
        yield breach(
          declared,
          `\`webSocket\` of route ${quoted(declared.route.host)} lets frames through that are not scanned`,
        );
      }
    },
  },
  {
    id: 'bottles::route-private-upstream',
    severity: 'warning',
    what: 'a route to a host that may resolve to a private address',
    why: "pipelock's guard against requests to private addresses is off for it",
    fix: 'keep `privateUpstream` to hosts whose name you control',
    *check(bottle) {
      for (const declared of routesOf(bottle)) {
        if (!declared.route.privateUpstream) continue;
        yield breach(
          declared,
          `\`privateUpstream\` of route ${quoted(declared.route.host)} lets the name resolve to a private address`,
        );
      }
    },
  },
  {
    id: 'bottles::allow-entry',
    severity: 'error',
    what: 'an entry of pipelock’s `allow` that is neither an exact host nor a wildcard below an owned name',
    why: 'pipelock does not check its list, and a wildcard over a top-level domain is the internet',
    fix: "write 'host.example.com' or '*.example.com'",
    *check({ sidecars: { pipelock } }) {
      for (const [index, entry] of pipelock.allow.entries()) {
        const problem =
          pipelock.allow.indexOf(entry) === index ? allowProblem(entry) : 'is there twice; allowed: each entry once';
        if (problem !== undefined)
          yield { path: pipelock.path, part: pipelock, message: `\`allow\` entry ${quoted(entry)} ${problem}` };
      }
    },
  },
];
