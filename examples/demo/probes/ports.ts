/** Difference 2: the daemons answer the agent only, not the host and not a neighbour on the egress network. */

import { connect } from 'node:net';
import { DAEMON_PORT } from '../../../lib/plan/index.ts';
import { docker } from '../internet/docker.ts';
import type { Probe } from './probe.ts';

const PORTS = Object.values(DAEMON_PORT);

async function addressesOf(container: string): Promise<readonly string[]> {
  const [details] = JSON.parse(await docker(['inspect', container])) as [
    { NetworkSettings: { Networks: Record<string, { IPAddress: string }> } },
  ];
  return Object.values(details.NetworkSettings.Networks)
    .map(({ IPAddress }) => IPAddress)
    .filter((address) => address !== '');
}

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

const pairs = (addresses: readonly string[]): readonly string[] =>
  addresses.flatMap((address) => PORTS.map((port) => `${address}:${port}`));

const openIn = (stdout: string): readonly string[] => stdout.split('\n').filter((line) => line.startsWith('open '));

export const portsFromNeighbour: Probe = {
  title: 'a neighbour on the egress network dials the daemons (control: it reaches a site, the agent a daemon)',
  expected: 'refused',
  run: async ({ agent, internet, slug }) => {
    const targets = pairs(await addressesOf(`claude-bottle-sidecars-${slug}`));
    const site = `${await internet.addressOf('allowed')}:443`;
    const fromNeighbour = openIn((await internet.outsider(scanScript([...targets, site]))).stdout);
    const fromAgent = openIn((await agent(scanScript(['egress:9099', 'supervise:9100', 'git-gate:9418']))).stdout);
    return {
      ok: fromNeighbour.length === 1 && fromNeighbour[0] === `open ${site}` && fromAgent.length === 3,
      seen: `${targets.length} pairs dialled from outside, ${fromNeighbour.length - 1} open`,
      arrived: `agent: ${fromAgent.length} daemons open`,
    };
  },
};

export const portsFromHost: Probe = {
  title: 'the host dials the daemons (control: the host reaches a site of the same network)',
  expected: 'refused',
  run: async ({ internet, slug }) => {
    const targets = (await addressesOf(`claude-bottle-sidecars-${slug}`)).flatMap((host) =>
      PORTS.map((port) => ({ host, port })),
    );
    const found = await Promise.all(targets.map(({ host, port }) => opens(host, port)));
    const control = await opens(await internet.addressOf('allowed'), 443);
    const open = found.filter(Boolean).length;
    return {
      ok: open === 0 && control,
      seen: `${targets.length} pairs dialled from the host, ${open} open`,
      arrived: control ? 'control reached' : 'CONTROL FAILED',
    };
  },
};
