import { type BottlePolicy, matchedRoute } from '../explain/index.ts';
import { DAEMON_PORT, type Daemon, inCanonicalOrder, NO_HOST, type Shape } from '../plan/index.ts';
import { HOST, INTERNET, NEIGHBOURS, reach, type Topology } from '../topology/index.ts';
import type { BottleGraph, GraphDaemon, Way } from './model.ts';

/** What lies outside of a bottle, in the order in which it is shown. */
export const OUTSIDE = [INTERNET, HOST, NEIGHBOURS] as const;

const daemonsOf = ({ containers }: Topology): readonly Daemon[] =>
  inCanonicalOrder(containers.flatMap(({ daemons }) => daemons));

function graphDaemon({ listeners }: Topology, daemon: Daemon): GraphDaemon {
  const port = DAEMON_PORT[daemon];
  const own = listeners.filter((listener) => listener.daemon === daemon && listener.port === port);
  return { daemon, port, on: [...new Set(own.map(({ on }) => on))] };
}

function waysOf(topology: Topology): readonly Way[] {
  const daemons = daemonsOf(topology);
  return ['agent', ...daemons].flatMap((from) =>
    [...daemons, ...OUTSIDE].filter((to) => to !== from).map((to) => ({ from, to, ...reach(topology, from, to) })),
  );
}

/** The picture's data of one bottle, from the documents that synth wrote. */
export function bottleGraph(topology: Topology, policy: BottlePolicy, shape: Shape): BottleGraph {
  const hosts = [...(policy.egress?.routes.keys() ?? [])];
  return {
    slug: topology.slug,
    shape,
    networks: topology.networks,
    containers: topology.containers.map(({ service, container, networks, daemons }) => ({
      service,
      container,
      networks,
      daemons: inCanonicalOrder(daemons).map((daemon) => graphDaemon(topology, daemon)),
    })),
    routes: hosts.flatMap((host) => matchedRoute(policy, host) ?? []),
    allowed: policy.pipelock.config.api_allowlist.filter((host) => !hosts.includes(host) && host !== NO_HOST),
    remotes: (policy.gitGate?.remotes ?? []).map(({ name, url, access, branches }) => ({
      name,
      url,
      access,
      ...(branches === undefined ? {} : { branches }),
    })),
    ways: waysOf(topology),
  };
}
