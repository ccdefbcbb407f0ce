/** Declarations that have no effect: whoever wrote one believes in something that is not there. */

import { listed, quoted } from '../plan/index.ts';
import type { Rule } from './rule.ts';

export const UNUSED_RULES: readonly Rule[] = [
  {
    id: 'bottles::allow-behind-egress',
    severity: 'warning',
    what: 'entries of pipelock’s `allow` in a bottle with routes',
    why: 'the agent goes through egress, which lets through its routes and nothing else; the entries only widen the last hop',
    fix: 'declare a route for each host that the agent needs, and leave `allow` out',
    *check({ sidecars: { pipelock, egress } }) {
      if (egress === undefined || pipelock.exposed || pipelock.allow.length === 0) return;
      yield {
        path: pipelock.path,
        part: pipelock,
        message: `\`allow\` has ${pipelock.allow.length === 1 ? 'one entry' : `${pipelock.allow.length} entries`}, and egress opens routes only`,
      };
    },
  },
  {
    id: 'bottles::route-web-socket-idle',
    severity: 'warning',
    what: '`webSocket` on a route whose methods lack GET',
    why: 'a WebSocket begins with a GET request, so none can be opened',
    fix: 'add GET to the methods, or leave `webSocket` out',
    *check({ sidecars: { egress } }) {
      for (const route of egress?.routes ?? []) {
        if (!route.webSocket || route.methods === undefined || route.methods.includes('GET')) continue;
        yield {
          path: egress?.path ?? '',
          part: route,
          message: `\`webSocket\` of route ${quoted(route.host)}, whose methods are ${listed(route.methods.map(quoted))}`,
        };
      }
    },
  },
  {
    id: 'bottles::git-read-only-idle',
    severity: 'warning',
    what: '`branches` or `allow` on a remote that is for reading',
    why: 'they say what a push may do, and none is accepted',
    fix: "leave them out, or give the remote `access: 'push'`",
    *check({ sidecars: { gitGate } }) {
      for (const remote of gitGate?.remotes ?? []) {
        if (remote.access === 'push') continue;
        const { force, delete: deletes, tags } = remote.allow;
        const idle = [
          ...(remote.branches === undefined ? [] : ['`branches`']),
          ...(force || deletes || tags ? ['`allow`'] : []),
        ];
        if (idle.length === 0) continue;
        yield {
          path: gitGate?.path ?? '',
          part: remote,
          message: `${listed(idle)} of remote ${quoted(remote.name)}, which has \`access: 'read'\``,
        };
      }
    },
  },
  {
    id: 'bottles::trusted-cas-idle',
    severity: 'warning',
    what: '`trustedCAs` in a bottle that can reach no host, now or later',
    why: 'egress and pipelock trust them for upstream hosts, and there is none',
    fix: 'declare the routes that need them, or leave `trustedCAs` out',
    *check({ sidecars }) {
      const { egress, pipelock, supervise, trustedCAs } = sidecars;
      const reachesNothing = egress === undefined && pipelock.allow.length === 0 && supervise === undefined;
      if (trustedCAs.length === 0 || !reachesNothing) return;
      yield {
        path: sidecars.path,
        part: sidecars,
        message: '`trustedCAs` is given, and the bottle has no route, no `allow` and no supervise',
      };
    },
  },
];
