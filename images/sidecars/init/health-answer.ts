/** Answers `bundle-health`: a report, or the end of a wait for a policy. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type DaemonHealth, type HealthReport, healthReport } from './health-report.ts';
import type { Act, HealthRequest } from './health-request.ts';

const POLL_MS = 20;

/** Exit codes of `bundle-health` (docs/reference/bundle.md, "Health"). */
export const HEALTH_EXIT = { done: 0, unhealthy: 1, usage: 2, refused: 3, late: 4 } as const;

export interface HealthAnswer {
  readonly code: number;
  readonly report: HealthReport;
}

/** What an answer is made from. */
export interface Daemons {
  readonly names: readonly string[];
  health(name: string): Promise<DaemonHealth>;
  act(act: Act): void;
}

type Reports = readonly (readonly [string, DaemonHealth])[];

const reportsOf = (daemons: Daemons, names: readonly string[]): Promise<Reports> =>
  Promise.all(names.map(async (name) => [name, await daemons.health(name)] as const));

/** The daemon that an act restarts in place; undefined for one that restarts none. */
export const restartedBy = (act: Act | undefined): string | undefined =>
  act === 'restart-egress' ? 'egress' : act === 'restart-pipelock' ? 'pipelock' : undefined;

/** Whether `now` shows a refusal that `before` does not: a new process counts from 0. */
const hasRefused = (before: DaemonHealth | undefined, now: DaemonHealth): boolean =>
  now.refusals > (before?.pid === now.pid ? before.refusals : 0);

/** Resolves when the request is served; a caller that is gone (`signal`) is not waited for. */
export async function healthAnswer(
  { act, awaited, withinMs }: HealthRequest,
  daemons: Daemons,
  signal: AbortSignal,
): Promise<HealthAnswer> {
  if (awaited === undefined) {
    const report = healthReport(await reportsOf(daemons, daemons.names));
    return { code: report.healthy ? HEALTH_EXIT.done : HEALTH_EXIT.unhealthy, report };
  }
  const deadline = performance.now() + withinMs;
  const names = [...awaited.keys()];
  const before = new Map(act === undefined ? [] : await reportsOf(daemons, names));
  if (act !== undefined) daemons.act(act);

  /** Whether it is still the process that the act ends. What that one makes of the new file says nothing. */
  const isOld = ([name, now]: Reports[number]): boolean =>
    name === restartedBy(act) && now.pid === before.get(name)?.pid;
  const runsIt = (entry: Reports[number]): boolean => {
    const [name, now] = entry;
    return now.up && now.digest === awaited.get(name) && !isOld(entry);
  };
  for (;;) {
    const reports = await reportsOf(daemons, names);
    const answer = (code: number): HealthAnswer => ({ code, report: healthReport(reports) });
    if (reports.every(runsIt)) return answer(HEALTH_EXIT.done);
    const missing = reports.filter((entry) => !runsIt(entry) && !isOld(entry));
    if (act !== undefined && missing.some(([name, now]) => hasRefused(before.get(name), now))) {
      return answer(HEALTH_EXIT.refused);
    }
    if (performance.now() > deadline || signal.aborted) return answer(HEALTH_EXIT.late);
    await sleep(POLL_MS);
  }
}
