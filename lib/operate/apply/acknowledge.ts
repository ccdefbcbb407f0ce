/** Has daemons take their policy files, and waits until they say that they run them. */

import { BottleError } from '../../errors.ts';
import type { Daemon } from '../../plan/index.ts';
import { dockerFailure } from '../docker/index.ts';
import { type BundleHealth, HEALTH_COMMAND, parseHealth } from '../health.ts';
import type { LiveBottle } from './contract.ts';

/** Exit codes of `bundle-health` (docs/reference/bundle.md, "Health"). */
const REFUSED = 3;
const LATE = 4;

/** What an engine under load may take beyond what the daemons may; a slow one is no refusal. */
const DOCKER_MS = 60_000;

export interface Demand {
  readonly daemon: Daemon;
  /** SHA-256 (hex) of the policy file that it is to run. */
  readonly digest: string;
}

const shown = (health: BundleHealth | undefined, { daemon, digest }: Demand): string => {
  const now = health?.daemons[daemon];
  if (now === undefined) return `${daemon}: no report`;
  if (!now.up) return `${daemon}: down${now.detail === '' ? '' : `, ${now.detail}`}`;
  return `${daemon}: runs ${now.digest?.slice(0, 12) ?? 'no policy'}, wanted is ${digest.slice(0, 12)}`;
};

function failure(
  { exitCode, stdout, stderr }: { exitCode: number | undefined; stdout: string; stderr: string },
  demands: readonly Demand[],
  withinMs: number,
): BottleError {
  const health = parseHealth(stdout);
  const late = demands.filter(({ daemon, digest }) => {
    const now = health?.daemons[daemon];
    return now?.up !== true || now.digest !== digest;
  });
  const names = (late.length === 0 ? demands : late).map(({ daemon }) => daemon).join(' and ');
  const details = demands.map((demand) => shown(health, demand));
  if (exitCode === REFUSED) {
    return new BottleError('apply/refused', `${names} refused the policy`, {
      details,
      fix: 'see bottle logs for its reason',
    });
  }
  if (exitCode === LATE) {
    const message = `${names} did not acknowledge the policy within ${withinMs / 1000} s`;
    return new BottleError('apply/not-acknowledged', message, { details, fix: 'see bottle status and bottle logs' });
  }
  if (/no such container|is not running|is restarting|is paused/i.test(stderr)) {
    return new BottleError('operate/not-running', 'the sidecars do not run any more', {
      fix: 'bring the bottle up with bottle deploy',
      cause: dockerFailure('exec', stderr, exitCode),
    });
  }
  return new BottleError('apply/not-acknowledged', `${names} could not be asked to take the policy`, {
    details: stderr.trim().split('\n').slice(-3),
    fix: 'see bottle status; a bottle that an earlier version deployed has to be deployed once more',
  });
}

/**
 * Makes each of `demands` take its file, and resolves when all say that they run it. A restart is of pipelock, and of
 * egress only where that alone is asked for. Throws `apply/refused`,
 * `apply/not-acknowledged` or `operate/not-running`.
 */
export async function acknowledged(
  bottle: Pick<LiveBottle, 'docker' | 'containers'>,
  demands: readonly Demand[],
  how: 'reload' | 'restart',
  withinMs: number,
): Promise<void> {
  const restarted = demands.some(({ daemon }) => daemon === 'pipelock') ? 'pipelock' : 'egress';
  const containers = new Set(demands.map(({ daemon }) => bottle.containers.get(daemon)));
  for (const container of containers) {
    const here = demands.filter(({ daemon }) => bottle.containers.get(daemon) === container);
    if (container === undefined) throw new Error(`no container runs ${here.map(({ daemon }) => daemon).join(', ')}`);
    const isRestart = how === 'restart' && here.some(({ daemon }) => daemon === restarted);
    const args = [
      ...['exec', container, HEALTH_COMMAND, isRestart ? `--restart-${restarted}` : '--reload'],
      ...here.flatMap(({ daemon, digest }) => ['--await', `${daemon}=${digest}`]),
      ...['--within', String(withinMs / 1000)],
    ];
    const outcome = await bottle.docker.attempt(args, { timeoutMs: withinMs + DOCKER_MS });
    if (outcome.exitCode !== 0) throw failure(outcome, here, withinMs);
  }
}
