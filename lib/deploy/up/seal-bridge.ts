/**
 * Closes the last way from the agent to the host (docs/decisions/0005): without an address the internal network's
 * bridge routes nothing, but the host still takes in what is broadcast or multicast on it, and hands it to any of its
 * UDP services. With strict reverse-path filtering on that bridge, to which no route leads, it takes in nothing.
 */

import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { BottleError } from '../../errors.ts';
import type { BringUp } from './run.ts';

const SETTINGS = '/proc/sys/net/ipv4/conf';
/** RFC 3704, section 2.2; Documentation/networking/ip-sysctl of the kernel: `rp_filter` 1. */
const STRICT = '1';

const network = z.object({ Id: z.string(), Options: z.record(z.string(), z.string()).nullish() });

/** The bridge of the bottle's internal network, or undefined as long as there is no such network. */
async function internalBridge({ docker, ready }: BringUp): Promise<string | undefined> {
  const name = `${ready.compose.project}_internal`;
  const { stdout, exitCode } = await docker.attempt(['network', 'inspect', '--format', '{{json .}}', name]);
  if (exitCode !== 0) return undefined;
  const { Id, Options } = network.parse(JSON.parse(stdout));
  return Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`;
}

/** Whether `bridge` is sealed; undefined where the engine's host is not this one. */
function isSealedHere(bridge: string): boolean | undefined {
  const file = `${SETTINGS}/${bridge}/rp_filter`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() === STRICT : undefined;
}

/** True unless the internal network is there and can be seen to be open. */
export async function isBridgeSealed(run: BringUp): Promise<boolean> {
  const bridge = await internalBridge(run);
  return bridge === undefined || isSealedHere(bridge) !== false;
}

/**
 * Seals the internal network's bridge, through a container in the host's network that may do this and nothing else:
 * so it works for a user who is not root, and for an engine on another host.
 */
export async function sealBridge(run: BringUp): Promise<void> {
  const bridge = await internalBridge(run);
  if (bridge === undefined || isSealedHere(bridge) === true) return;
  const script = `echo ${STRICT} >"/conf/$1/rp_filter" && cat "/conf/$1/rp_filter"`;
  const { stdout, stderr } = await run.docker.attempt([
    ...['run', '--rm', '--pull', 'never', '--network', 'host', '--read-only', '--user', '0:0'],
    ...['--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--security-opt', 'no-new-privileges'],
    ...['--mount', `type=bind,src=${SETTINGS},dst=/conf`],
    ...['--entrypoint', '/bin/sh', run.images.sidecars.id, '-c', script, 'sh', bridge],
  ]);
  if (stdout.trim() === STRICT) return;
  throw new BottleError('deploy/bridge-not-sealed', `the bridge ${bridge} of the internal network cannot be sealed`, {
    fix: 'let this engine run a container in the host network with the capability NET_ADMIN, which deploy needs once a network',
    details: stderr.trim().split('\n').slice(-3),
  });
}
