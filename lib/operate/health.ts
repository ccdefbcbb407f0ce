/** What `bundle-health` says about a bottle's daemons (docs/reference/bundle.md, "Health"). */

import { z } from 'zod';
import { DAEMONS, type Daemon, daemonNamed } from '../plan/index.ts';
import type { Docker } from './docker/index.ts';

export interface DaemonHealth {
  readonly up: boolean;
  readonly restarts: number;
  /** SHA-256 (hex) of the policy that it runs; undefined as long as it runs none. */
  readonly digest: string | undefined;
  readonly detail: string;
}

export interface BundleHealth {
  readonly healthy: boolean;
  readonly daemons: Partial<Readonly<Record<Daemon, DaemonHealth>>>;
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
  const daemons = Object.entries(parsed.daemons).flatMap(([name, { up, restarts, digest, detail }]) => {
    const daemon = daemonNamed(name);
    return daemon === undefined ? [] : [[daemon, { up, restarts, digest: digest ?? undefined, detail }] as const];
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
