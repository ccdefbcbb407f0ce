/** The one address that git daemon binds. */

import { lookup } from 'node:dns/promises';
import { createServer, isIPv4 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from './config.ts';

const TRIES = 10;

/** The IPv4 address of `host`, tried for some seconds: an alias may come a little later than the container. */
export async function listenAddress(host: string, tries = TRIES, pauseMs = 500): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const address = isIPv4(host) ? host : (await lookup(host, { family: 4 })).address;
      if (address.startsWith('0.')) throw new ConfigError(`${host} is ${address}, which is every address`);
      return address;
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      if (attempt >= tries) throw new ConfigError(`${host} has no address here`);
      await sleep(pauseMs);
    }
  }
}

/** Fails unless `address`:`port` can be bound: git daemon runs without a log and could not say so. */
export async function tryBinding(address: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ConfigError(`cannot listen on ${address}:${port} (${error.code ?? 'unknown'})`)),
    );
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
