/**
 * Closes the last way from an isolated network to the host (docs/decisions/0005): without an address its bridge routes
 * nothing, but the host still takes in what is broadcast or multicast on it, and hands it to any of its UDP services.
 * With strict reverse-path filtering on that bridge, to which no route leads, it takes in nothing.
 */

import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { BottleError } from '../../errors.ts';
import type { BringUp } from './run.ts';

const SETTINGS = '/proc/sys/net/ipv4/conf';
/** RFC 3704, section 2.2; Documentation/networking/ip-sysctl of the kernel: `rp_filter` 1. */
const STRICT = '1';

const network = z.object({ Id: z.string(), Options: z.record(z.string(), z.string()).nullish() });

/** The bridges of the bottle's isolated networks, as far as these exist. */
async function isolatedBridges({ docker, ready }: BringUp): Promise<readonly string[]> {
  const bridges = ready.compose.isolated.map(async (name) => {
    const { stdout, exitCode } = await docker.attempt(['network', 'inspect', '--format', '{{json .}}', name]);
    if (exitCode !== 0) return [];
    const { Id, Options } = network.parse(JSON.parse(stdout));
    return [Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`];
  });
  return (await Promise.all(bridges)).flat();
}

/** Whether `bridge` is sealed; undefined where the engine's host is not this one. */
function isSealedHere(bridge: string): boolean | undefined {
  const file = `${SETTINGS}/${bridge}/rp_filter`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() === STRICT : undefined;
}

/** True unless an isolated network is there and can be seen to be open. */
export async function areBridgesSealed(run: BringUp): Promise<boolean> {
  return (await isolatedBridges(run)).every((bridge) => isSealedHere(bridge) !== false);
}

/**
 * Seals the bridges of the isolated networks, through a container in the host's network that may do this and nothing
 * else: so it works for a user who is not root, and for an engine on another host.
 */
export async function sealBridges(run: BringUp): Promise<void> {
  const open = (await isolatedBridges(run)).filter((bridge) => isSealedHere(bridge) !== true);
  if (open.length === 0) return;
  const script = `for bridge; do echo ${STRICT} >"/conf/$bridge/rp_filter" && cat "/conf/$bridge/rp_filter" || exit 1; done`;
  const { stdout, stderr } = await run.docker.attempt([
    ...['run', '--rm', '--pull', 'never', '--network', 'host', '--read-only', '--user', '0:0'],
    ...['--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--security-opt', 'no-new-privileges'],
    ...['--mount', `type=bind,src=${SETTINGS},dst=/conf`],
    ...['--entrypoint', '/bin/sh', run.images.sidecars.id, '-c', script, 'sh', ...open],
  ]);
  const sealed = stdout.split('\n').filter((line) => line.trim() === STRICT).length;
  if (sealed === open.length) return;
  throw new BottleError(
    'deploy/bridge-not-sealed',
    `a bridge of an isolated network cannot be sealed: ${open.join(', ')}`,
    {
      fix: 'let this engine run a container in the host network with the capability NET_ADMIN, which deploy needs once a network',
      details: stderr.trim().split('\n').slice(-3),
    },
  );
}
