/** What contains an agent, as rules over the final document: who can open a connection to whom. */

import {
  AGENT_SERVICE,
  agentUrls,
  DAEMON_PORT,
  type Daemon,
  listed,
  pipelockIsInnerHop,
  quoted,
  type RenderedBottle,
  servingNetwork,
} from '../../plan/index.ts';
import { HOST, INTERNET, LOOPBACK, NEIGHBOURS, reach, type Topology, topologyOf } from '../../topology/index.ts';
import type { DocumentRule } from '../document-rule.ts';
import { has, pointerTo, same } from './services.ts';

const topologies = new WeakMap<RenderedBottle, Topology>();

/** The topology of `bottle`, computed once for all rules. */
function topology(bottle: RenderedBottle): Topology {
  const known = topologies.get(bottle) ?? topologyOf(bottle);
  topologies.set(bottle, known);
  return known;
}

/** Where the document says what opens the agent. */
function pointerOf({ compose, plain }: RenderedBottle): string {
  const agent = compose.services[AGENT_SERVICE] ?? {};
  const key = ['network_mode', 'pid', 'ipc'].find((one) => has(agent, one)) ?? 'networks';
  const own = !same(agent[key], plain.services[AGENT_SERVICE]?.[key]);
  return own ? pointerTo('services', AGENT_SERVICE, key) : '/networks';
}

/** The rule that the agent cannot open a connection to `to`. */
const outOfReach = (to: string, rule: Omit<DocumentRule, 'severity' | 'check'>): DocumentRule => ({
  ...rule,
  severity: 'error',
  *check(bottle) {
    if (!Object.hasOwn(bottle.compose.services, AGENT_SERVICE)) return;
    if (to === 'pipelock' && !pipelockIsInnerHop(bottle.plan)) return;
    const { reachable, because } = reach(topology(bottle), AGENT_SERVICE, to);
    if (reachable) yield { pointer: pointerOf(bottle), message: `${because}; allowed: no connection to ${to}` };
  },
});

const FIX = 'remove the override; what the agent is to reach are `routes` of egress and `remotes` of git-gate';

/** Where a daemon is to listen: the network that it serves, or the loopback as an inner hop of the bundle. */
function servingPlace({ plan }: RenderedBottle, daemon: Daemon): string {
  const network = servingNetwork(plan, daemon);
  return network === 'inner' && plan.sidecars.shape === 'bundle' ? LOOPBACK : network;
}

export const REACH_RULES: readonly DocumentRule[] = [
  outOfReach(INTERNET, {
    id: 'bottles::agent-reaches-internet',
    what: 'an agent that gets to the internet past its proxies',
    why: 'no allowlist, no scan and no record would hold for what it sends',
    fix: FIX,
  }),
  outOfReach(HOST, {
    id: 'bottles::agent-reaches-host',
    what: 'an agent that gets to the host',
    why: 'every service of the host that trusts the machine itself would be open to it',
    fix: FIX,
  }),
  outOfReach(NEIGHBOURS, {
    id: 'bottles::agent-reaches-neighbours',
    what: 'an agent on a network that another bottle or anyone else may be on',
    why: 'bottles are kept apart by sharing no network with the agent on it',
    fix: FIX,
  }),
  outOfReach('pipelock', {
    id: 'bottles::agent-reaches-inner-hop',
    what: 'an agent that can dial pipelock behind egress',
    why: 'it would go past the method and path rules of egress, to any host that is allowed',
    fix: 'remove the override; `pipelock: { exposed: true }` opens it on purpose',
  }),
  {
    id: 'bottles::daemon-listens-elsewhere',
    severity: 'error',
    what: 'a daemon that listens on another network than the one that it serves',
    why: 'it would offer a proxy that injects credentials, a push gate or MCP to every neighbour and every process of the host',
    fix: 'remove the override of networks, aliases, names or extra_hosts: daemons bind what their own name leads to',
    *check(bottle) {
      const { listeners } = topology(bottle);
      for (const { daemon, service, port, on } of listeners) {
        const wanted = port === DAEMON_PORT[daemon] ? servingPlace(bottle, daemon) : LOOPBACK;
        if (on === wanted || !bottle.plan.sidecars.daemons.includes(daemon)) continue;
        yield {
          pointer: pointerTo('services', service, 'networks'),
          message: `${daemon} listens with port ${port} on ${quoted(on)}; allowed: ${quoted(wanted)}`,
        };
      }
    },
  },
  {
    id: 'bottles::name-leads-elsewhere',
    severity: 'error',
    what: 'a name by which the agent or a daemon is dialled that leads to no container, to another one, or to two',
    why: 'whoever answers to the name of egress or pipelock is sent the requests, those with credentials among them',
    fix: 'remove the override of networks, aliases or names',
    *check(bottle) {
      const { containers } = topology(bottle);
      // By the name alone: who is on two networks finds it on either.
      const owners = new Map<string, Map<string, readonly string[]>>();
      for (const { service, names } of containers) {
        for (const [name, places] of names) {
          const networks = places.filter((place) => place !== LOOPBACK);
          if (networks.length === 0) continue;
          owners.set(name, (owners.get(name) ?? new Map<string, readonly string[]>()).set(service, networks));
        }
      }
      for (const [name, services] of owners) {
        if (services.size < 2) continue;
        const all = [...services.keys()];
        const message = `${quoted(name)} leads to ${listed(all.map(quoted))}; allowed: one of them`;
        yield { pointer: pointerTo('services', all.at(-1) ?? '', 'networks'), message };
      }
      const agent = containers.find(({ service }) => service === AGENT_SERVICE);
      for (const { what, url } of agent === undefined ? [] : agentUrls(bottle.plan)) {
        const { hostname } = new URL(url);
        const networks = [...(owners.get(hostname)?.values() ?? [])].flat();
        if (networks.some((network) => agent?.networks.includes(network))) continue;
        yield {
          pointer: pointerTo('services'),
          message: `the agent's name for ${what}, ${quoted(hostname)}, leads to no container on its network; allowed: the sidecar that serves it`,
        };
      }
    },
  },
];
