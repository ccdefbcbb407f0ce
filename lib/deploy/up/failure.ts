/** Why a bottle did not come up: which part failed, and what it last said. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError } from '../../errors.ts';
import {
  type BundleHealth,
  type Container,
  containerLog,
  type Docker,
  hopelessDaemon,
  lastLines,
  parseHealth,
  type Redact,
} from '../../operate/index.ts';
import { AGENT_SERVICE, DAEMONS, type Daemon } from '../../plan/index.ts';
import type { ReadyBottle } from '../preflight/index.ts';
import { serviceContainers, serviceDaemons } from './run.ts';

const LINES = 15;

/** The daemons that are down, or, of a report without any, all that it does not know. */
function daemonsDown(health: BundleHealth | undefined, wanted: readonly Daemon[]): readonly Daemon[] {
  if (health === undefined) return [];
  return DAEMONS.filter((daemon) => wanted.includes(daemon) && health.daemons[daemon]?.up !== true);
}

/** One phrase on a container that is not as it should be; undefined if nothing can be said against it. */
function containerTrouble({ name, status, running, exitCode, error, restarts, health }: Container): string | undefined {
  if (error !== '') return `the engine could not start ${name}: ${error}`;
  if (!running) return `${name} is ${status}, exit code ${exitCode}`;
  if (restarts > 0) return `${name} was restarted ${restarts} times, last exit code ${exitCode}`;
  if (health === 'unhealthy') return `${name} is unhealthy`;
  if (health === 'starting') return `${name} did not become healthy in time`;
  return undefined;
}

async function sidecarFailure(
  docker: Docker,
  container: Container,
  daemons: readonly Daemon[],
): Promise<{ what: string; lines: readonly string[] } | undefined> {
  const trouble = containerTrouble(container);
  if (trouble === undefined) return undefined;
  const health = container.running ? parseHealth(container.healthOutput ?? '') : undefined;
  const down = daemonsDown(health, daemons);
  const log = await containerLog(docker, container.id);
  if (down.length === 0) return { what: trouble, lines: lastLines(log, LINES) };
  const details = down.map((daemon) => {
    const detail = health?.daemons[daemon]?.detail ?? '';
    return detail === '' ? daemon : `${daemon} (${detail})`;
  });
  const lines = down.flatMap((daemon) => lastLines(log, LINES, daemon));
  return { what: `${details.join(', ')} did not come up`, lines: lines.length > 0 ? lines : lastLines(log, LINES) };
}

const isComing = ({ running, restarts, health, healthOutput }: Container): boolean =>
  running && restarts === 0 && health === 'starting' && hopelessDaemon(parseHealth(healthOutput ?? '')) === undefined;

async function agentFailure(docker: Docker, container: Container) {
  const trouble = containerTrouble(container);
  if (trouble === undefined || container.status === 'created') return undefined;
  return { what: trouble, lines: lastLines(await containerLog(docker, container.id), LINES) };
}

/**
 * The failure of a bring-up as one error. `cause` is what ended it; where a container tells more, that is what a
 * person gets to read.
 */
export async function bringUpFailure(
  docker: Docker,
  ready: ReadyBottle,
  cause: BottleError,
  redact: Redact,
): Promise<BottleError> {
  const { slug } = ready.bottle;
  // The engine notes the end of a process a moment later than its log.
  await sleep(100);
  const containers = [...(await serviceContainers(docker, ready))];
  // Those that have not had their time yet are the least to blame.
  const worstFirst = containers.sort(([, a], [, b]) => Number(isComing(a)) - Number(isComing(b)));
  for (const [service, container] of worstFirst) {
    const failure =
      service === AGENT_SERVICE
        ? await agentFailure(docker, container)
        : await sidecarFailure(docker, container, serviceDaemons(ready, service));
    if (failure === undefined) continue;
    return new BottleError('deploy/not-healthy', `bottle ${slug} did not come up: ${redact(failure.what)}`, {
      details: failure.lines.map(redact),
      fix: 'mend what the lines above say, or look inside with bottle deploy --keep-failed',
      cause,
    });
  }
  return new BottleError(cause.code, `bottle ${slug} did not come up: ${redact(cause.message)}`, {
    details: cause.details.map(redact),
    ...(cause.fix === undefined ? {} : { fix: cause.fix }),
    cause,
  });
}
