/** The connections that a picture draws, of all that there may be. */

import { DAEMONS, type Daemon } from '../plan/index.ts';
import { LOOPBACK } from '../topology/index.ts';
import type { BottleGraph } from './model.ts';
import { outsideOf } from './words.ts';

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Port and network. */
  readonly label: string;
  /** A way that a bottle should not have, or that goes around its rules. */
  readonly isWrong: boolean;
}

const daemonIn = ({ containers }: BottleGraph, daemon: Daemon) =>
  containers.flatMap(({ daemons }) => daemons).find((one) => one.daemon === daemon);

/** The daemons that the agent can dial, each with whether it was meant to. */
function agentEdges(graph: BottleGraph): readonly Edge[] {
  return DAEMONS.flatMap((daemon) => {
    const there = daemonIn(graph, daemon);
    const way = graph.ways.find(({ from, to }) => from === 'agent' && to === daemon);
    if (there === undefined || way?.reachable !== true) return [];
    const isWrong = daemon === 'pipelock' && daemonIn(graph, 'egress') !== undefined;
    return [{ from: 'agent', to: daemon, label: `:${there.port}`, isWrong }];
  });
}

/** Between agent and daemons; what lies behind them is drawn where it is listed. */
export function edgesOf(graph: BottleGraph): readonly Edge[] {
  const pipelock = daemonIn(graph, 'pipelock');
  const chain = graph.ways.find(({ from, to }) => from === 'egress' && to === 'pipelock');
  const hop = pipelock?.on.filter((place) => place !== 'internal') ?? [];
  const place = hop.length === 0 ? 'internal' : hop.join(', ');
  return [
    ...agentEdges(graph),
    ...(chain?.reachable === true && pipelock !== undefined
      ? [
          {
            from: 'egress',
            to: 'pipelock',
            label: `:${pipelock.port} ${place === LOOPBACK ? 'loopback' : place}`,
            isWrong: false,
          },
        ]
      : []),
    ...outsideOf(graph, 'agent', true).map((to) => ({
      from: 'agent',
      to,
      label: 'a way past its proxies',
      isWrong: true,
    })),
  ];
}
