/** The daemons as a set, the network that they leave by, and what they trust. */

import ipaddr from 'ipaddr.js';
import { inCanonicalOrder, listed, quoted } from '../plan/index.ts';
import { spellingProblem } from './mount-sources.ts';
import type { Rule } from './rule.ts';

const NETWORK_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
/** The engine's own, of which none keeps containers apart, and the isolated network of some bottle. */
const FOREIGN_NETWORK =
  /^(?:host|none|bridge|default|docker_gwbridge|ingress|podman|claude-bottle-.*_(?:internal|inner))$/i;

/** What is wrong with an IPv4 subnet for a bridge, or undefined. */
function subnetProblem(subnet: string): string | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(subnet)) return 'is no IPv4 subnet; allowed: e.g. 10.77.0.0/24';
  const [address, bits] = ipaddr.IPv4.parseCIDR(subnet);
  const range = address.range();
  if (bits < 8 || bits > 29) return `has ${bits} bits; allowed: 8 to 29`;
  if (`${ipaddr.IPv4.networkAddressFromCIDR(subnet).toString()}/${bits}` !== subnet) {
    return `is not the address of its network; allowed: ${ipaddr.IPv4.networkAddressFromCIDR(subnet).toString()}/${bits}`;
  }
  const refused = ['loopback', 'linkLocal', 'multicast', 'broadcast', 'unspecified'].includes(range);
  return refused ? `is a ${range} range; allowed: private and documentation ranges` : undefined;
}

export const DAEMON_RULES: readonly Rule[] = [
  {
    id: 'bottles::daemon-set',
    severity: 'error',
    what: 'a set of daemons that does not match what is declared for them, or lacks pipelock',
    why: 'a daemon without its configuration does not start, and without pipelock there is no last hop',
    fix: 'declare routes, remotes and supervise; the set follows from them',
    *check({ sidecars }) {
      const { daemons, egress, gitGate, supervise } = sidecars;
      const needed = inCanonicalOrder([
        'pipelock',
        ...(egress === undefined ? [] : (['egress'] as const)),
        ...(gitGate === undefined ? [] : (['git-gate'] as const)),
        ...(supervise === undefined ? [] : (['supervise'] as const)),
      ]);
      if (daemons.join() === needed.join()) return;
      yield {
        path: sidecars.path,
        part: sidecars,
        message: `the daemons are ${listed(daemons)}; allowed: ${listed(needed)}, in this order`,
      };
    },
  },
  {
    id: 'bottles::token-slots',
    severity: 'error',
    what: 'token slots that do not match the credentials of the routes',
    why: 'a route would inject the credential of another one',
    fix: 'report this: synth numbers the slots itself',
    *check({ sidecars: { egress } }) {
      if (egress === undefined) return;
      for (const route of egress.routes) {
        const { auth } = route;
        if (auth === undefined || egress.tokens[auth.slot] === auth.from) continue;
        yield {
          path: egress.path,
          part: route,
          message: `slot ${auth.slot} of route ${quoted(route.host)} is not that of ${quoted(auth.from)}`,
        };
      }
      const twice = egress.tokens.filter((token, index) => egress.tokens.indexOf(token) !== index);
      if (twice.length > 0)
        yield {
          path: egress.path,
          part: egress,
          message: `${listed(twice.map(quoted))} has more than one slot; allowed: one`,
        };
    },
  },
  {
    id: 'bottles::pipelock-exposed',
    severity: 'warning',
    what: 'a pipelock that the agent can dial beside egress',
    why: 'the agent can go past the method and path rules of egress, to any host that is allowed',
    fix: 'leave `exposed` out',
    *check({ sidecars: { pipelock, egress } }) {
      if (!pipelock.exposed) return;
      const effect =
        egress === undefined
          ? 'has no effect without egress, where pipelock is the proxy'
          : 'lets the agent dial pipelock past the method and path rules of egress';
      yield { path: pipelock.path, part: pipelock, message: `\`exposed\` ${effect}` };
    },
  },
  {
    id: 'bottles::network-name',
    severity: 'error',
    what: "an egress network that is malformed, the engine's own, or isolated",
    why: "the engine's own networks keep nothing apart, and another bottle's isolated network would join the two",
    fix: 'make a network with `docker network create` and name it',
    *check({ sidecars }) {
      const { egressNetwork: network } = sidecars;
      if (network.kind !== 'external') return;
      if (NETWORK_NAME.test(network.name) && !FOREIGN_NETWORK.test(network.name)) return;
      yield {
        path: sidecars.path,
        part: network,
        message: `egress network ${quoted(network.name)}; allowed: networks of your own, named with letters, digits, '_', '.' and '-'`,
      };
    },
  },
  {
    id: 'bottles::network-subnet',
    severity: 'error',
    what: 'a subnet that no bridge can have',
    why: 'deploy would fail, or take addresses that have another meaning',
    fix: "write e.g. Network.managed({ subnet: '10.77.0.0/24' })",
    *check({ sidecars }) {
      const { egressNetwork: network } = sidecars;
      if (network.kind !== 'managed' || network.subnet === undefined) return;
      const problem = subnetProblem(network.subnet);
      if (problem !== undefined)
        yield { path: sidecars.path, part: network, message: `subnet ${quoted(network.subnet)} ${problem}` };
    },
  },
  {
    id: 'bottles::network-subnet-overlap',
    severity: 'error',
    what: 'two bottles whose egress networks have addresses in common',
    why: 'the engine makes the second network only when the first is gone, so the two could never run at once',
    fix: 'give each a subnet of its own, or leave `subnet` out',
    *check(bottle, { subnetClashes }) {
      const { path, egressNetwork: network } = bottle.sidecars;
      const other = subnetClashes.get(bottle);
      if (other === undefined || network.kind !== 'managed' || network.subnet === undefined) return;
      yield {
        path,
        part: network,
        message: `subnet ${quoted(network.subnet)} overlaps with that of ${quoted(other.path)}; allowed: subnets apart from each other`,
      };
    },
  },
  {
    id: 'bottles::trusted-cas',
    severity: 'error',
    what: 'an entry of `trustedCAs` that is no path of a certificate file',
    why: 'deploy reads it and hands it to both proxies and the agent',
    fix: "write the path of a PEM file, e.g. 'certs/corp-ca.pem'",
    *check({ sidecars }) {
      for (const [index, file] of sidecars.trustedCAs.entries()) {
        const isTwice = sidecars.trustedCAs.indexOf(file) !== index;
        const problem = spellingProblem(file) ?? (isTwice ? 'is there twice; allowed: each file once' : undefined);
        if (problem === undefined) continue;
        const shown = file.includes('-----BEGIN') ? '' : ` ${quoted(file)}`;
        yield { path: sidecars.path, part: sidecars, message: `trustedCAs[${index}]${shown} ${problem}` };
      }
    },
  },
];
