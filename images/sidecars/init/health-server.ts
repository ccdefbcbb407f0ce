/** Serves the health report on a Unix socket. It listens to nothing: each connection gets the report and is closed. */

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { type HealthReport, reportLine } from './health-report.ts';

/** Callers that ask at the same time share one round of checks. */
function coalesced<T>(produce: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= produce().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** Listens at `path`, which only the init's own user can then connect to. Rejects if it cannot. */
export async function serveHealth(path: string, report: () => Promise<HealthReport>): Promise<Server> {
  const current = coalesced(report);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
    current().then(
      (answer) => socket.end(reportLine(answer)),
      () => socket.destroy(),
    );
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}
