/** Runs the daemons of a specification until they are stopped. */

import { largestExitCode } from './exit-code.ts';
import { healthReport } from './health-report.ts';
import { serveHealth } from './health-server.ts';
import { openOutlet } from './outlet.ts';
import type { RequestQueue } from './signals.ts';
import type { InitSpec } from './spec.ts';
import { SupervisedDaemon } from './supervised-daemon.ts';

/**
 * How long the last lines, also those that are still in a daemon's pipe, may take to a slow reader: within compose's
 * stop grace of 10 s, after 8 s of ours.
 */
const FLUSH_MS = 1_500;

/** The daemon that SIGUSR1 restarts. */
const RESTARTED_BY_SIGNAL = 'pipelock';

/** Resolves with the init's exit code when every daemon has ended for good and its lines are out. */
export async function runInit(spec: InitSpec, requests: RequestQueue): Promise<number> {
  const outlet = openOutlet();
  const log = (text: string): void => {
    outlet.write(Buffer.from(`[init] ${text}\n`));
  };
  for (const notice of spec.notices) log(notice);

  const around = {
    runDir: spec.runDir,
    graceMs: spec.graceMs,
    outlet,
    log,
    daemonUids: new Set(spec.daemons.flatMap(({ identity }) => identity?.uid ?? [])),
  };
  const daemons = spec.daemons.map((daemon) => new SupervisedDaemon(daemon, spec.restart(), around));

  const server = await serveHealth(spec.healthSocket, async () =>
    healthReport(await Promise.all(daemons.map(async (daemon) => [daemon.name, await daemon.health()] as const))),
  );

  let stopping = false;
  const serve = (): void => {
    const asked = requests.take();
    if (stopping) return;
    if (asked.has('shutdown')) {
      stopping = true;
      log('stopping every daemon');
      for (const daemon of daemons) daemon.stop();
      return;
    }
    if (asked.has('restart-pipelock')) {
      for (const daemon of daemons) if (daemon.name === RESTARTED_BY_SIGNAL) daemon.restart();
    }
    if (asked.has('reload')) for (const daemon of daemons) daemon.reload();
  };
  requests.onRequest(serve);

  const deaths = await Promise.all(daemons.map((daemon) => daemon.live()));
  server.close();
  const code = largestExitCode(deaths);
  log(`every daemon has ended; exit code ${code}`);
  await outlet.flushed(FLUSH_MS);
  return code;
}
