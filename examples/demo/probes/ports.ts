/** Difference 2: the daemons answer the agent only, not the host and not a neighbour on the egress network. */

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { DAEMON_PORT } from '../../../lib/plan/index.ts';
import { placeOn } from '../internet/docker.ts';
import type { Probe } from './probe.ts';

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

/** A shell script that prints `open <host>:<port>` for each pair that accepts a connection; plain Node, as in `opens`. */
const scanScript = (targets: readonly string[]): string => `node -e "
for (const target of process.argv.slice(1)) {
  const at = target.lastIndexOf(':');
  const socket = require('node:net').connect({ host: target.slice(0, at), port: Number(target.slice(at + 1)), timeout: 1500 });
  socket.on('connect', () => { console.log('open ' + target); socket.destroy(); }).on('timeout', () => socket.destroy()).on('error', () => {});
}" ${targets.join(' ')}`;

const openIn = (stdout: string): readonly string[] => stdout.split('\n').filter((line) => line.startsWith('open '));

export const portsFromNeighbour: Probe = {
  title: 'a neighbour on the egress network dials the daemons (control: it reaches a site, the agent a daemon)',
  expected: 'refused',
  run: async ({ agent, internet, slug }) => {
    const { address } = await placeOn(`claude-bottle-sidecars-${slug}`, internet.network);
    const targets = PORTS.map((port) => `${address}:${port}`);
    const site = `${await internet.addressOf('allowed')}:443`;
    const fromNeighbour = openIn((await internet.outsider(scanScript([...targets, site]))).stdout);
    const fromAgent = openIn((await agent(scanScript(['egress:9099', 'supervise:9100', 'git-gate:9418']))).stdout);
    return {
      ok: fromNeighbour.length === 1 && fromNeighbour[0] === `open ${site}` && fromAgent.length === 3,
      seen: `${targets.length} ports dialled from outside, ${fromNeighbour.length - 1} open`,
      arrived: `agent: ${fromAgent.length} daemons open`,
    };
  },
};

export const portsFromHost: Probe = {
  title: 'the host dials the daemons (control: the host reaches a site of the same network)',
  expected: 'refused',
  run: async ({ internet, slug }) => {
    const sidecars = `claude-bottle-sidecars-${slug}`;
    const outer = await placeOn(sidecars, internet.network);
    const found = await Promise.all(PORTS.map((port) => opens(outer.address, port)));
    const open = found.filter(Boolean).length;
    const control = await opens(await internet.addressOf('allowed'), 443);
    // Dialling the inner address would only show where the host's default route leads: there must be no route to it.
    const inner = await placeOn(sidecars, `claude-bottle-${slug}_internal`);
    const routes = readFileSync('/proc/net/route', 'utf8').split('\n');
    const routed = (bridge: string): boolean => routes.some((line) => line.startsWith(`${bridge}\t`));
    return {
      ok: open === 0 && control && routed(outer.bridge) && !routed(inner.bridge),
      seen: `${PORTS.length} ports dialled from the host, ${open} open; ${routed(inner.bridge) ? 'A' : 'no'} route inside`,
      arrived: control ? 'control reached' : 'CONTROL FAILED',
    };
  },
};
