/** Dialling ports from inside a container, with plain Node: no image has a port scanner. */

import { DAEMON_PORT } from '../../../lib/plan/index.ts';
import { SITES } from '../internet/internet.ts';

/** Names first and all at once: one that does not exist keeps the resolver busy longer than a dial may take. */
const SCAN = `
const { lookup } = require('node:dns').promises, { connect } = require('node:net');
const targets = process.argv.slice(1).map((text) => ({ text, host: text.slice(0, text.lastIndexOf(':')), port: Number(text.split(':').pop()) }));
const hosts = [...new Set(targets.map(({ host }) => host))];
Promise.all(hosts.map(async (host) => [host, (await lookup(host, { family: 4 }).catch(() => ({}))).address])).then((found) => {
  const addresses = new Map(found);
  for (const { text, host, port } of targets) {
    const address = addresses.get(host);
    if (address === undefined) continue;
    const socket = connect({ host: address, port, timeout: 1500 });
    socket.on('connect', () => { console.log('open ' + text); socket.destroy(); }).on('timeout', () => socket.destroy()).on('error', () => {});
  }
});`;

/** A shell script that prints `open <host>:<port>` for each pair that accepts a connection. */
export const scanScript = (targets: readonly string[]): string => `node -e "${SCAN}" ${targets.join(' ')}`;

/** The targets that {@link scanScript} found open. */
export const openIn = (stdout: string): readonly string[] =>
  stdout.split('\n').flatMap((line) => (line.startsWith('open ') ? [line.slice('open '.length)] : []));

/** The argv of a program that asks the proxy `host` for a tunnel to a listed site at an odd port, and prints the answer. */
export const connectScript = (host: string): readonly string[] => [
  'node',
  '-e',
  `const socket = require('node:net').connect(${DAEMON_PORT.pipelock}, '${host}', () => {
    socket.write('CONNECT ${SITES.allowed}:8443 HTTP/1.1\\r\\nHost: ${SITES.allowed}:8443\\r\\n\\r\\n');
    setTimeout(() => socket.destroy(), 3000);
  });
  socket.pipe(process.stdout);`,
];
