/**
 * Closes the last way from an isolated network to the host (docs/decisions/0005): without an address its bridge routes
 * nothing, but the host still takes in what is broadcast or multicast on it, and hands it to any of its UDP services.
 * With strict reverse-path filtering on that bridge, to which no route leads, it takes in nothing.
 */

import { BottleError } from '../../errors.ts';
import { INTERFACE_SETTINGS, isBridgeSealed, networkBridges, STRICT } from '../../operate/bridges.ts';
import type { BringUp } from './run.ts';

const isolatedBridges = ({ docker, ready }: BringUp): Promise<readonly string[]> =>
  networkBridges(docker, ready.compose.isolated);

/** True unless an isolated network is there and can be seen to be open. */
export async function areBridgesSealed(run: BringUp): Promise<boolean> {
  return (await isolatedBridges(run)).every((bridge) => isBridgeSealed(bridge) !== false);
}

/**
 * Seals the bridges of the isolated networks, through a container in the host's network that may do this and nothing
 * else: so it works for a user who is not root, and for an engine on another host.
 */
export async function sealBridges(run: BringUp): Promise<void> {
  const open = (await isolatedBridges(run)).filter((bridge) => isBridgeSealed(bridge) !== true);
  if (open.length === 0) return;
  const script = `for bridge; do echo ${STRICT} >"/conf/$bridge/rp_filter" && cat "/conf/$bridge/rp_filter" || exit 1; done`;
  const { stdout, stderr } = await run.docker.attempt([
    ...['run', '--rm', '--pull', 'never', '--network', 'host', '--read-only', '--user', '0:0'],
    ...['--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--security-opt', 'no-new-privileges'],
    ...['--mount', `type=bind,src=${INTERFACE_SETTINGS},dst=/conf`],
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
