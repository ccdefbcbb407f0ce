/** Runs the daemons of a specification until they are stopped. */

import { openEventFiles } from './event-files.ts';
import { largestExitCode } from './exit-code.ts';
import { restartedBy } from './health-answer.ts';
import type { Act } from './health-request.ts';
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
/** How long a death that Node has missed stays unseen. */
const RECONCILE_MS = 1_000;

/** Resolves with the init's exit code when every daemon has ended for good and its lines are out. */
export async function runInit(spec: InitSpec, requests: RequestQueue): Promise<number> {
  const outlet = openOutlet();
  const log = outlet.note;
  for (const notice of spec.notices) log(notice);

  const events = openEventFiles(spec.eventsDir, log);
  const around = {
    runDir: spec.runDir,
    graceMs: spec.graceMs,
    restart: spec.restart,
    outlet,
    log,
    events,
    daemonUids: new Set(spec.daemons.flatMap(({ identity }) => identity?.uid ?? [])),
  };
  const daemons = new Map(spec.daemons.map((daemon) => [daemon.name, new SupervisedDaemon(daemon, around)]));

  let stopping = false;
  const act = (what: Act): void => {
    if (stopping) return;
    if (what === 'reload') for (const daemon of daemons.values()) daemon.reload();
    else daemons.get(restartedBy(what) ?? '')?.restart();
  };
  const serve = (): void => {
    const asked = requests.take();
    if (stopping) return;
    if (asked.has('shutdown')) {
      stopping = true;
      log('stopping every daemon');
      for (const daemon of daemons.values()) daemon.stop();
      return;
    }
    if (asked.has('lost-signals')) log('more signals came at once than Node holds; some may be lost: send it again');
    if (asked.has('restart-pipelock')) act('restart-pipelock');
    if (asked.has('reload')) act('reload');
  };

  const server = await serveHealth(spec.healthSocket, {
    names: [...daemons.keys()],
    health: (name) => {
      const daemon = daemons.get(name);
      if (daemon === undefined) throw new Error(`no daemon called ${name}`);
      return daemon.health();
    },
    act,
  });
  requests.onRequest(serve);
  const tick = setInterval(() => {
    for (const daemon of daemons.values()) daemon.reconcile();
  }, RECONCILE_MS);

  const deaths = await Promise.all([...daemons.values()].map((daemon) => daemon.live()));
  clearInterval(tick);
  server.close();
  const code = largestExitCode(deaths);
  log(`every daemon has ended; exit code ${code}`);
  await Promise.all([outlet.flushed(FLUSH_MS), events.written()]);
  return code;
}
