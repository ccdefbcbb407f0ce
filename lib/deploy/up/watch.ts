/** Compose brings services up; we watch beside it, tell who is up, and end what cannot succeed any more. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError } from '../../errors.ts';
import { type Container, dockerFailure, hopelessDaemon, interrupted, parseHealth } from '../../operate/index.ts';
import { AGENT_SERVICE, type Daemon } from '../../plan/index.ts';
import { composeArguments, composeEnvironment } from './compose.ts';
import { type BringUp, serviceContainers } from './run.ts';

const LOOK_EVERY_MS = 500;

/** `egress up, pipelock starting`, as the last health checks saw it. `containers` are the sidecars. */
export function healthNote(containers: readonly Container[], daemons: readonly Daemon[]): string {
  const running = containers.filter((container) => container.running);
  if (running.length === 0) return 'creating containers';
  const reports = running.map(({ healthOutput }) => parseHealth(healthOutput ?? ''));
  const isUp = (daemon: Daemon): boolean => reports.some((health) => health?.daemons[daemon]?.up === true);
  return daemons.map((daemon) => `${daemon} ${isUp(daemon) ? 'up' : 'starting'}`).join(', ');
}

/**
 * Why waiting on for `container` is pointless; undefined as long as it is not. One that was started `before` the
 * change is not judged: compose has not come to it yet, or has just stopped it to replace it.
 */
export function hopeless(container: Container, before: Container | undefined): string | undefined {
  const isSame = before?.id === container.id;
  if (isSame && before.startedAt === container.startedAt) return undefined;
  const { name, restarting, restarts, status, exitCode, healthOutput } = container;
  if (restarting || restarts > (isSame ? before.restarts : 0)) return `${name} ends as soon as it starts`;
  if (status === 'exited' || status === 'dead') return `${name} has ended with exit code ${exitCode}`;
  const dying = hopelessDaemon(parseHealth(healthOutput ?? ''));
  return dying === undefined ? undefined : `${dying} ends as soon as it starts`;
}

async function watch(run: BringUp, before: ReadonlyMap<string, Container>, done: AbortSignal): Promise<string> {
  const { docker, ready, note } = run;
  while (!done.aborted) {
    const containers = await serviceContainers(docker, ready);
    const sidecars = [...containers.values()].filter(({ service }) => service !== AGENT_SERVICE);
    note(healthNote(sidecars, ready.bottle.manifest.daemons));
    for (const [service, container] of containers) {
      const reason = hopeless(container, before.get(service));
      if (reason !== undefined) return reason;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: done }).catch(() => {});
  }
  return '';
}

/**
 * `docker compose up` for `services` (none named: all), to the point where they are healthy. `before` are the
 * containers as they were when the change began.
 */
export async function composeUp(
  run: BringUp,
  services: readonly string[],
  before: ReadonlyMap<string, Container>,
): Promise<void> {
  const { docker, ready, waitMs, signal } = run;
  const stop = new AbortController();
  const done = new AbortController();
  const forward = (): void => stop.abort();
  signal?.addEventListener('abort', forward);
  if (signal?.aborted === true) throw interrupted();

  const seconds = String(Math.ceil(waitMs / 1000));
  const args = ['up', '--detach', '--no-build', '--pull', 'never', '--wait', '--wait-timeout', seconds, ...services];
  let fatal = '';
  const watching = watch(run, before, done.signal).then((reason) => {
    fatal = reason;
    if (reason !== '') stop.abort();
  });
  try {
    const { stderr, exitCode } = await docker.attempt([...composeArguments(ready), ...args], {
      extraEnv: composeEnvironment(ready, run.projectDir),
      timeoutMs: waitMs,
      signal: stop.signal,
    });
    if (exitCode !== 0) throw dockerFailure('compose up', stderr, exitCode);
  } catch (error) {
    if (fatal !== '') throw new BottleError('deploy/not-healthy', fatal, { cause: error });
    throw error;
  } finally {
    done.abort();
    signal?.removeEventListener('abort', forward);
    await watching.catch(() => {});
  }
}
