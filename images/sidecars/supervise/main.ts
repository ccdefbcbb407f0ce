/** Entry point of the supervise daemon: bundled into one file, /opt/claude-bottle/supervise.cjs. */

import { once } from 'node:events';
import { CONFIG_FILE, EVENTS_DIR } from '../../../lib/plan/paths.ts';
import { readConfig } from './config.ts';
import { listenAddress } from './listen.ts';
import { log } from './log.ts';
import { createSupervise } from './supervise.ts';

async function main(): Promise<void> {
  // The queue's files are for its group, the operator; for nobody else.
  process.umask(0o007);
  const config = readConfig(process.env);
  const address = await listenAddress(config.host);
  const policyFiles = { routes: CONFIG_FILE.egress, pipelock: CONFIG_FILE.pipelock, events: EVENTS_DIR };
  const supervise = await createSupervise({ config, policyFiles, log });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => supervise.close());
  try {
    supervise.http.listen(config.port, address);
    await once(supervise.http, 'listening');
  } catch (reason) {
    supervise.close();
    throw reason;
  }
  log('startup', { listen: `${address}:${config.port}`, config_hash: config.digest });
}

main().catch((reason: unknown) => {
  log('failed', { what: 'startup', reason: reason instanceof Error ? reason.message : 'unknown' });
  process.exitCode = 1;
});
