/** Brings changed configuration to daemons that run on. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError } from '../../errors.ts';
import {
  askHealth,
  type BundleHealth,
  type Container,
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

/** A sidecar container that runs. */
export type Sidecar = Pick<Container, 'id' | 'service'>;

/** Waits until every daemon of the container reports its digest, and returns those that did not. */
export async function awaitDigests(run: BringUp, sidecar: Sidecar, timeoutMs: number): Promise<readonly Daemon[]> {
  const wanted = wantedDigests(run.ready, sidecar.service);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (run.signal?.aborted === true) throw interrupted();
    const health = await askHealth(run.docker, sidecar.id);
    const late = outdated(health, wanted);
    if (late.length === 0 || hopelessDaemon(health) !== undefined || Date.now() > deadline) return late;
    run.note(`waiting for ${late.join(', ')} to take the new policy`);
    await sleep(LOOK_EVERY_MS);
  }
}

const signalInit = (run: BringUp, { id }: Sidecar, signal: 'HUP' | 'USR1'): Promise<string> =>
  run.docker.run(['kill', '--signal', signal, id]);

/** Restarts a container, with the grace that compose gives it. */
export async function restart(run: BringUp, container: string): Promise<void> {
  await run.docker.run(['restart', '--time', '10', container]);
}

/** Files that a daemon takes up without an end: everything else that it reads needs a fresh start. */
const RELOADABLE = /^(egress|pipelock)\//;
/** Daemons that read `trust/`. */
const TRUSTING: readonly Daemon[] = ['egress', 'pipelock'];

/** Whether `daemon` runs on the file at `path`; supervise reads those of others afresh each time. */
const concerns = (path: string, daemon: Daemon): boolean =>
  path.startsWith(`${daemon}/`) ||
  path.startsWith(`secrets/${daemon}/`) ||
  (path.startsWith('trust/') && TRUSTING.includes(daemon));

/** What a running container with `daemons` has to do about changed files: nothing, re-read them, or start anew. */
export function reaction(changed: readonly string[], daemons: readonly Daemon[]): 'none' | 'reload' | 'restart' {
  const theirs = changed.filter((path) => daemons.some((daemon) => concerns(path, daemon)));
  if (theirs.length === 0) return 'none';
  return theirs.every((path) => RELOADABLE.test(path)) ? 'reload' : 'restart';
}

const LOG_LINES = 10;

/** The failure of daemons that run well, but not what they should, with what they said about it. */
async function notTaken({ docker }: BringUp, { id }: Sidecar, late: readonly Daemon[]): Promise<BottleError> {
  const log = await containerLog(docker, id);
  return new BottleError('deploy/policy-not-taken', `${late.join(', ')} did not take the new policy`, {
    details: late.flatMap((daemon) => lastLines(log, LOG_LINES, daemon)),
    fix: 'mend what the lines above say',
  });
}

/**
 * Makes the daemons in a container run what lies in the state directory, with as little interruption as that takes:
 * SIGHUP; for pipelock, which in strict mode refuses a reload that widens its trust, a restart in place. What egress
 * refuses it would refuse after a restart as well, and then nothing would run: that is left to the caller to undo.
 */
export async function applyConfiguration(run: BringUp, sidecar: Sidecar, how: 'reload' | 'restart'): Promise<string> {
  if (how === 'restart') {
    await restart(run, sidecar.id);
    const late = await awaitDigests(run, sidecar, run.waitMs);
    if (late.length > 0) throw await notTaken(run, sidecar, late);
    return 'restarted';
  }
  await signalInit(run, sidecar, 'HUP');
  let late = await awaitDigests(run, sidecar, RELOAD_MS);
  if (late.length === 0) return 'configuration reloaded';
  if (late.includes('pipelock')) {
    await signalInit(run, sidecar, 'USR1');
    late = await awaitDigests(run, sidecar, RESTART_MS);
    if (late.length === 0) return 'pipelock restarted in place';
  }
  throw await notTaken(run, sidecar, late);
}
