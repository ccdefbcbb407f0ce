/** Probes of what must be out of reach: the host, the inner hop, an outside resolver. */

import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAEMON_PORT, type Daemon, listenAlias, longAlias } from '../../../lib/plan/index.ts';
import { attachments, docker } from '../internet/docker.ts';
import type { Probe } from './probe.ts';
import { openIn, scanScript } from './scan.ts';

/** pipelock's metrics, on its loopback. */
const METRICS_PORT = 9190;

/** IPv4 addresses of this host, the engine's bridges included. */
function hostAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** Dials each URL past every proxy variable; the shell goes on after a failure. */
const dialAll = (urls: readonly string[]): string =>
  urls.map((url) => `curl -s --noproxy '*' --max-time 2 ${url} || true`).join('; ');

export const hostOutOfReach: Probe = {
  title: 'Dial a server on the host, at every address (control: a container outside reaches it)',
  expected: 'refused',
  run: async ({ agent, internet }) => {
    const hits: string[] = [];
    const server = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end('host');
    });
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const urls = (path: string): string[] => hostAddresses().map((address) => `http://${address}:${port}${path}`);
      await internet.outsider(dialAll(urls('/control')));
      await agent(dialAll(urls('/from-agent')));
      const fromAgent = hits.filter((url) => url === '/from-agent').length;
      const control = hits.filter((url) => url === '/control').length;
      return {
        ok: fromAgent === 0 && control > 0,
        seen: `no answer at ${urls('').length} addresses`,
        arrived: fromAgent === 0 ? `nothing (control: ${control})` : `${fromAgent} REQUESTS`,
      };
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
};

/** Plain Node, sends `text` to `port` by broadcast and by multicast, whatever the routes say. */
const shout = (text: string, port: number): string => `node -e "
const socket = require('node:dgram').createSocket('udp4');
socket.bind(() => {
  socket.setBroadcast(true);
  const address = Object.values(require('node:os').networkInterfaces()).flat().find((a) => a.family === 'IPv4' && !a.internal).address;
  socket.setMulticastInterface(address);
  let left = 2;
  for (const to of ['255.255.255.255', '224.0.0.1']) socket.send('${text}', ${port}, to, () => { left -= 1; if (left === 0) socket.close(); });
});"`;

export const broadcastOutOfReach: Probe = {
  title: 'Broadcast to a UDP service of the host (control: the host hears a container outside)',
  expected: 'refused',
  run: async ({ agent, internet }) => {
    const heard: string[] = [];
    const socket = createSocket('udp4');
    socket.on('message', (message) => heard.push(message.toString()));
    await new Promise<void>((resolve) => socket.bind(0, '0.0.0.0', resolve));
    try {
      const { port } = socket.address();
      await internet.outsider(shout('control', port));
      const sent = await agent(shout('from-agent', port));
      await sleep(500);
      const fromAgent = heard.filter((text) => text === 'from-agent').length;
      const control = heard.filter((text) => text === 'control').length;
      return {
        ok: fromAgent === 0 && control > 0,
        seen: sent.exitCode === 0 ? 'sent, as datagrams always are' : 'not sent',
        arrived: fromAgent === 0 ? `nothing (control: ${control})` : `${fromAgent} DATAGRAMS`,
      };
    } finally {
      socket.close();
    }
  },
};

export const innerHopOutOfReach: Probe = {
  title: 'Dial pipelock past egress, by every name and address (control: egress reaches it, the agent egress)',
  expected: 'refused',
  run: async ({ agent, slug, sidecar }) => {
    const names = ['pipelock', longAlias('pipelock', slug), listenAlias('pipelock', slug)];
    const addresses = (await attachments(sidecar('pipelock'))).map(({ address }) => address);
    const targets = [...names, ...addresses].map((host) => `${host}:${DAEMON_PORT.pipelock}`);
    const open = openIn((await agent(scanScript([...targets, 'egress:9099']))).stdout);
    const hop = `${longAlias('pipelock', slug)}:${DAEMON_PORT.pipelock}`;
    const control = openIn(await docker(['exec', sidecar('egress'), 'sh', '-c', scanScript([hop])]));
    const past = open.filter((target) => target !== 'egress:9099');
    return {
      ok: past.length === 0 && open.includes('egress:9099') && control.includes(hop),
      seen: past.length === 0 ? `${targets.length} ways, none open` : `OPEN ${past.join(' ')}`,
      arrived: `nothing (pipelock is ${control.length === 1 ? 'up' : 'DOWN'})`,
    };
  },
};

/** What the agent may dial: the daemons that are for it, by both names, and nothing else of theirs. */
export const daemonsForTheAgent: Probe = {
  title: 'Dial every port of every daemon, by every name and address (control: those that are for the agent answer)',
  expected: 'refused',
  run: async ({ agent, slug, daemons, shape, sidecar }) => {
    const isFor = (daemon: Daemon): boolean => daemon !== 'pipelock' || !daemons.includes('egress');
    const own = (daemon: Daemon): readonly string[] => [
      daemon,
      longAlias(daemon, slug),
      ...(shape === 'split' ? [listenAlias(daemon, slug)] : []),
    ];
    const inside = `claude-bottle-${slug}_internal`;
    const places = await Promise.all(
      daemons.map(async (daemon) => ({ daemon, all: await attachments(sidecar(daemon)) })),
    );
    const hosts = places.flatMap(({ daemon, all }) => [...own(daemon), ...all.map(({ address }) => address)]);
    const ports = [...Object.values(DAEMON_PORT), METRICS_PORT];
    const targets = [...new Set(hosts)].flatMap((host) => ports.map((port) => `${host}:${port}`));
    const served = places
      .filter(({ daemon }) => isFor(daemon))
      .flatMap(({ daemon, all }) => {
        const address = all.find(({ network }) => network === inside)?.address ?? 'none';
        return [...own(daemon), address].map((host) => `${host}:${DAEMON_PORT[daemon]}`);
      });
    // In the bundle all names lead to one address, where every daemon that is for the agent answers on its own port.
    const offered = daemons.filter(isFor).map((daemon) => DAEMON_PORT[daemon]);
    const bundled = daemons.flatMap(own).flatMap((host) => offered.map((port) => `${host}:${port}`));
    const allowed = new Set(shape === 'split' ? served : [...served, ...bundled]);
    const open = openIn((await agent(scanScript(targets))).stdout);
    const more = open.filter((target) => !allowed.has(target));
    const missing = served.filter((target) => !open.includes(target));
    return {
      ok: more.length === 0 && missing.length === 0,
      seen: more.length === 0 ? `${targets.length} dialled, ${open.length} open, all for it` : `OPEN ${more.join(' ')}`,
      arrived: missing.length === 0 ? `${served.length} answered` : `NOT REACHED ${missing.join(' ')}`,
    };
  },
};

/** What the engine's resolver in `container` forwards to. */
async function resolversOf(container: string): Promise<readonly string[]> {
  const [details] = JSON.parse(await docker(['inspect', container])) as [{ HostConfig: { Dns: string[] | null } }];
  return details.HostConfig.Dns ?? [];
}

/** A shell command that asks a DNS server; plain Node, as neither image needs a DNS client. */
const ask = (server: string, name: string): string =>
  `node -e "const r=new (require('node:dns').Resolver)({timeout:1500,tries:1});r.setServers(['${server}']);r.resolve4('${name}',(e,a)=>console.log(e?e.code:a.join()))"`;

export const resolverOutOfReach: Probe = {
  title: 'Ask an outside DNS server, directly and through the resolver (control: a container outside is answered)',
  expected: 'refused',
  run: async ({ agent, internet, slug }) => {
    const server = await internet.addressOf('dns');
    const control = await internet.outsider(ask(server, 'control.leak.test'));
    const direct = await agent(ask(server, 'agent-direct.leak.test'));
    const indirect = await agent('getent hosts agent-indirect.leak.test; echo exit=$?');
    const names = await internet.queries();
    const leaked = names.filter((name) => name.startsWith('agent-'));
    // Where the engine's resolver forwards to is not ours to watch, unless it is this: a loopback where nobody listens.
    const nowhere = JSON.stringify(await resolversOf(`claude-bottle-${slug}`)) === '["127.0.0.1"]';
    const unanswered = !/^\d/.test((await agent(ask('127.0.0.1', 'agent-loopback.leak.test'))).stdout);
    const refused = indirect.stdout.trim() === 'exit=2' && !/^\d/.test(direct.stdout);
    return {
      ok: leaked.length === 0 && names.includes('control.leak.test') && nowhere && unanswered && refused,
      seen: `${direct.stdout.trim() || 'no answer'}, ${refused ? 'no such name' : indirect.stdout.trim()}, ${nowhere ? 'forwards nowhere' : 'FORWARDS'}`,
      arrived: leaked.length === 0 ? `nothing (control: ${control.stdout.trim()})` : `QUERIES ${leaked.join(' ')}`,
    };
  },
};
