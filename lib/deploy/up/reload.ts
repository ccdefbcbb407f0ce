/** Brings changed configuration to daemons that run on. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError } from '../../errors.ts';
import {
  askHealth,
  type BundleHealth,
  containerLog,
  hopelessDaemon,
  interrupted,
  lastLines,
} from '../../operate/index.ts';
import type { Daemon } from '../../plan/index.ts';
import { type BringUp, wantedDigests } from './run.ts';

const LOOK_EVERY_MS = 200;
/** A reload takes well under a second; a refused one is never acknowledged. */
const RELOAD_MS = 5_000;
/** A restart of one daemon in place. */
const RESTART_MS = 20_000;

/** The daemons that do not run the policy that they should. */
export function outdated(health: BundleHealth | undefined, wanted: ReadonlyMap<Daemon, string>): readonly Daemon[] {
  return [...wanted].flatMap(([daemon, digest]) => {
    const now = health?.daemons[daemon];
    return now?.up === true && now.digest === digest ? [] : [daemon];
  });
}

/** Waits until every daemon reports its digest, and returns those that did not. */
export async function awaitDigests(run: BringUp, container: string, timeoutMs: number): Promise<readonly Daemon[]> {
  const wanted = wantedDigests(run.ready);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (run.signal?.aborted === true) throw interrupted();
    const health = await askHealth(run.docker, container);
    const late = outdated(health, wanted);
    if (late.length === 0 || hopelessDaemon(health) !== undefined || Date.now() > deadline) return late;
    run.note(`waiting for ${late.join(', ')} to take the new policy`);
    await sleep(LOOK_EVERY_MS);
  }
}

const signalInit = (run: BringUp, container: string, signal: 'HUP' | 'USR1'): Promise<string> =>
  run.docker.run(['kill', '--signal', signal, container]);

/** Restarts a container, with the grace that compose gives it. */
export async function restart(run: BringUp, container: string): Promise<void> {
  await run.docker.run(['restart', '--time', '10', container]);
}

/** Files that a daemon takes up without an end: everything else below the sidecars needs a fresh start. */
const RELOADABLE = /^(egress|pipelock)\//;
/** What the agent alone reads, and what compose alone reads. */
const NOT_THE_SIDECARS = /^(agent\/|ca\/|compose\.|\.env$|deployed\.json$)/;

/** What the running sidecars have to do about changed files: nothing, re-read them, or start anew. */
export function reaction(changed: readonly string[]): 'none' | 'reload' | 'restart' {
  const theirs = changed.filter((path) => !NOT_THE_SIDECARS.test(path));
  if (theirs.length === 0) return 'none';
  return theirs.every((path) => RELOADABLE.test(path)) ? 'reload' : 'restart';
}

const LOG_LINES = 10;

/** The failure of daemons that run well, but not what they should, with what they said about it. */
async function notTaken({ docker }: BringUp, container: string, late: readonly Daemon[]): Promise<BottleError> {
  const log = await containerLog(docker, container);
  return new BottleError('deploy/policy-not-taken', `${late.join(', ')} did not take the new policy`, {
    details: late.flatMap((daemon) => lastLines(log, LOG_LINES, daemon)),
    fix: 'mend what the lines above say',
  });
}

/**
 * Makes the daemons in `container` run what lies in the state directory, with as little interruption as that takes:
 * SIGHUP; for pipelock, which in strict mode refuses a reload that widens its trust, a restart in place. What egress
 * refuses it would refuse after a restart as well, and then nothing would run: that is left to the caller to undo.
 */
export async function applyConfiguration(run: BringUp, container: string, how: 'reload' | 'restart'): Promise<string> {
  if (how === 'restart') {
    await restart(run, container);
    const late = await awaitDigests(run, container, run.waitMs);
    if (late.length > 0) throw await notTaken(run, container, late);
    return 'sidecars restarted';
  }
  await signalInit(run, container, 'HUP');
  let late = await awaitDigests(run, container, RELOAD_MS);
  if (late.length === 0) return 'configuration reloaded';
  if (late.includes('pipelock')) {
    await signalInit(run, container, 'USR1');
    late = await awaitDigests(run, container, RESTART_MS);
    if (late.length === 0) return 'pipelock restarted in place';
  }
  throw await notTaken(run, container, late);
}
