/** The one address to bind: that of our own alias on the internal network, so that only the agent can reach it. */

import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 10;
const PAUSE_MS = 500;

/** The IPv4 address of `host`; the engine may need a moment to publish the alias. Throws after a few seconds. */
export async function listenAddress(host: string, pauseMs: number = PAUSE_MS): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await lookup(host, { family: 4 }).catch(() => undefined);
    if (found?.address === '0.0.0.0') throw new Error(`listen host ${host} is every address; it must be one`);
    if (found !== undefined) return found.address;
    if (attempt === TRIES) throw new Error(`listen host ${host} has no IPv4 address`);
    await sleep(pauseMs);
  }
}
