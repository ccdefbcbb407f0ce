/** Difference 2: the daemons answer the agent only, not the host and not a neighbour on the egress network. */

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { DAEMON_PORT } from '../../../lib/plan/index.ts';
import { attachments, type Place } from '../internet/docker.ts';
import type { Probe, Stage } from './probe.ts';
import { openIn, scanScript } from './scan.ts';

const PORTS = Object.values(DAEMON_PORT);

/** True if a TCP connection opens within a second. */
const opens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket
      .on('connect', () => end(true))
      .on('timeout', () => end(false))
      .on('error', () => end(false));
  });

/** The places of the sidecars on a network; those that are not on it have none there. */
async function placesOn({ daemons, sidecar }: Stage, network: string): Promise<readonly Place[]> {
  const containers = [...new Set(daemons.map(sidecar))];
  const places = await Promise.all(containers.map((container) => attachments(container)));
  return places.flatMap((all) => all.filter((place) => place.network === network));
}

export const portsFromNeighbour: Probe = {
  title: 'a neighbour on the egress network dials the daemons (control: it reaches a site, the agent a daemon)',
  expected: 'refused',
  run: async (stage) => {
    const { agent, internet } = stage;
    const places = await placesOn(stage, internet.network);
    const targets = places.flatMap(({ address }) => PORTS.map((port) => `${address}:${port}`));
    const site = `${await internet.addressOf('allowed')}:443`;
    const fromNeighbour = openIn((await internet.outsider(scanScript([...targets, site]))).stdout);
    const fromAgent = openIn((await agent(scanScript(['egress:9099', 'supervise:9100', 'git-gate:9418']))).stdout);
    return {
      ok: places.length > 0 && fromNeighbour.length === 1 && fromNeighbour[0] === site && fromAgent.length === 3,
      seen: `${targets.length} ports dialled from outside, ${fromNeighbour.length - 1} open`,
      arrived: `agent: ${fromAgent.length} daemons open`,
    };
  },
};

export const portsFromHost: Probe = {
  title: 'the host dials the daemons (control: the host reaches a site of the same network)',
  expected: 'refused',
  run: async (stage) => {
    const { internet, slug } = stage;
    const outer = await placesOn(stage, internet.network);
    const found = await Promise.all(outer.flatMap(({ address }) => PORTS.map((port) => opens(address, port))));
    const open = found.filter(Boolean).length;
    const control = await opens(await internet.addressOf('allowed'), 443);
    // Dialling the inner addresses would only show where the host's default route leads: there must be no route to them.
    const isolated = await Promise.all(
      ['internal', 'inner'].map((name) => placesOn(stage, `claude-bottle-${slug}_${name}`)),
    );
    const inside = isolated.flat();
    const routes = readFileSync('/proc/net/route', 'utf8').split('\n');
    const routed = ({ bridge }: Place): boolean => routes.some((line) => line.startsWith(`${bridge}\t`));
    return {
      ok: open === 0 && control && outer.length > 0 && outer.every(routed) && inside.length > 0 && !inside.some(routed),
      seen: `${found.length} ports dialled from the host, ${open} open; ${inside.some(routed) ? 'A' : 'no'} route inside`,
      arrived: control ? 'control reached' : 'CONTROL FAILED',
    };
  },
};
