/** Whether the bridges of a bottle's isolated networks take in what is broadcast on them (docs/decisions/0005). */

import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Docker } from './docker/index.ts';

/** Where the kernel of the engine's host has the settings of its interfaces. */
export const INTERFACE_SETTINGS = '/proc/sys/net/ipv4/conf';
/** RFC 3704, section 2.2; Documentation/networking/ip-sysctl of the kernel: `rp_filter` 1. */
export const STRICT = '1';

const network = z.object({ Id: z.string(), Options: z.record(z.string(), z.string()).nullish() });

/** The bridges of the networks `names`, as far as these exist. */
export async function networkBridges(docker: Docker, names: readonly string[]): Promise<readonly string[]> {
  const bridges = names.map(async (name) => {
    const { stdout, exitCode } = await docker.attempt(['network', 'inspect', '--format', '{{json .}}', name]);
    if (exitCode !== 0) return [];
    const { Id, Options } = network.parse(JSON.parse(stdout));
    return [Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`];
  });
  return (await Promise.all(bridges)).flat();
}

/** Whether `bridge` is sealed; undefined where the engine's host is not this one. */
export function isBridgeSealed(bridge: string): boolean | undefined {
  const file = `${INTERFACE_SETTINGS}/${bridge}/rp_filter`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() === STRICT : undefined;
}
