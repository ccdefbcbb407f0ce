/** What `bundle-health` says about a bottle's daemons (docs/reference/bundle.md, "Health"). */

import { z } from 'zod';
import { AGENT_SERVICE, DAEMONS, type Daemon, daemonNamed } from '../plan/index.ts';
import type { Container } from './containers.ts';
import type { Docker } from './docker/index.ts';

export interface DaemonHealth {
  readonly up: boolean;
  readonly restarts: number;
  /** SHA-256 (hex) of the policy that it runs; undefined as long as it runs none. */
  readonly digest: string | undefined;
  readonly detail: string;
  /** How many reloads this run of the daemon has refused. */
  readonly refusals: number;
  /** It has died so often in a short time that the init waits long before it starts it again. */
  readonly crashLoop: boolean;
}

export interface BundleHealth {
  readonly healthy: boolean;
  readonly daemons: Partial<Readonly<Record<Daemon, DaemonHealth>>>;
}

/** The report of a whole bottle, whichever containers its daemons run in. */
export interface BottleHealth extends BundleHealth {
  /** Services whose container does not run or does not answer. In the split shape their daemon counts as down. */
  readonly silent: readonly string[];
}

const report = z.object({
  healthy: z.boolean(),
  daemons: z.record(
    z.string(),
    z.object({
      up: z.boolean(),
      restarts: z.number().catch(0),
      digest: z.string().nullish(),
      detail: z.string().catch(''),
      refusals: z.number().catch(0),
      crashLoop: z.boolean().catch(false),
    }),
  ),
});

/** `text` as a report, or undefined if it is none: an init that does not answer yet says something else. */
export function parseHealth(text: string): BundleHealth | undefined {
  let parsed: z.infer<typeof report>;
  try {
    parsed = report.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
  const daemons = Object.entries(parsed.daemons).flatMap(([name, { digest, ...rest }]) => {
    const daemon = daemonNamed(name);
    return daemon === undefined ? [] : [[daemon, { ...rest, digest: digest ?? undefined }] as const];
  });
  return { healthy: parsed.healthy, daemons: Object.fromEntries(daemons) };
}

/** A daemon may fail a few times while its siblings start; this often means that it will not come. */
const HOPELESS_RESTARTS = 4;

/** A daemon that is down and has been started so often that waiting for it is pointless. */
export function hopelessDaemon(health: BundleHealth | undefined): Daemon | undefined {
  const { daemons = {} } = health ?? {};
  return DAEMONS.find((name) => {
    const daemon = daemons[name];
    return daemon !== undefined && !daemon.up && daemon.restarts >= HOPELESS_RESTARTS;
  });
}

export const HEALTH_COMMAND = '/usr/local/bin/bundle-health';

/** Asks the daemons of the container `id` now; undefined if it cannot answer. */
export async function askHealth(docker: Docker, id: string, signal?: AbortSignal): Promise<BundleHealth | undefined> {
  const options = { timeoutMs: 10_000, ...(signal === undefined ? {} : { signal }) };
  const { stdout } = await docker.attempt(['exec', id, HEALTH_COMMAND], options);
  return parseHealth(stdout);
}

/** What `service` alone may speak of: a container of the split shape knows one daemon, and vouches for no other. */
function theirDaemons(service: string, report: BundleHealth | undefined): BundleHealth['daemons'] {
  const daemon = daemonNamed(service);
  if (daemon === undefined) return report?.daemons ?? {};
  const silence = { up: false, restarts: 0, digest: undefined, refusals: 0, crashLoop: false };
  return { [daemon]: report?.daemons[daemon] ?? { ...silence, detail: 'its container does not answer' } };
}

/** The reports of a bottle's sidecar services as one; undefined stands for a service that does not answer. */
export function mergedHealth(reports: ReadonlyMap<string, BundleHealth | undefined>): BottleHealth {
  const parts = [...reports];
  const daemons: BundleHealth['daemons'] = Object.assign(
    {},
    ...parts.map(([service, report]) => theirDaemons(service, report)),
  );
  return {
    healthy: parts.length > 0 && parts.every(([, report]) => report?.healthy === true),
    daemons,
    silent: parts.flatMap(([service, report]) => (report === undefined ? [service] : [])),
  };
}

/** Asks every sidecar container of a bottle now, all at once. `containers` are the bottle's by service, in either shape. */
export async function bottleHealth(
  docker: Docker,
  containers: ReadonlyMap<string, Pick<Container, 'id' | 'running'>>,
  signal?: AbortSignal,
): Promise<BottleHealth> {
  const sidecars = [...containers].filter(([service]) => service !== AGENT_SERVICE);
  const reports = sidecars.map(async ([service, { id, running }]) => {
    return [service, running ? await askHealth(docker, id, signal) : undefined] as const;
  });
  return mergedHealth(new Map(await Promise.all(reports)));
}
