/**
 * Gives the agent's volumes to its user. A volume starts as what the image has at its place: where the image has
 * nothing, or the definition names another user, it would be root's, or of a user who is not the agent.
 */

import { BottleError } from '../../errors.ts';
import { AGENT_SERVICE } from '../../plan/index.ts';
import { VOLUME } from '../../render/compose/volumes.ts';
import { composeArguments, composeEnvironment } from './compose.ts';
import type { BringUp } from './run.ts';

/** The volumes by their keys in the compose file. */
const VOLUMES = [VOLUME.home, VOLUME.workspace];

/** $1: `uid:gid`. Nothing is followed out of a volume, and what is right already stays untouched. */
const SCRIPT = `for volume in /volumes/*; do
  if [ "$(stat -c %u:%g "$volume")" != "$1" ]; then chown -hR "$1" "$volume" || exit 1; fi
done`;

const CREATE_MS = 120_000;

/** Creates the agent's container, and its volumes with it, and sees to whose they are. */
export async function ownVolumes(run: BringUp): Promise<void> {
  const { docker, ready, images } = run;
  const { facts } = images;
  if (facts === undefined) return;
  const create = ['up', '--no-start', '--no-build', '--pull', 'never', AGENT_SERVICE];
  await docker.run([...composeArguments(ready), ...create], {
    extraEnv: composeEnvironment(ready, run.projectDir),
    timeoutMs: CREATE_MS,
  });
  const mounts = VOLUMES.map(
    (key) => `type=volume,src=${ready.compose.project}_${key},dst=/volumes/${key},volume-nocopy`,
  );
  const { stderr, exitCode } = await docker.attempt([
    ...['run', '--rm', '--pull', 'never', '--network', 'none', '--read-only', '--user', '0:0'],
    ...['--cap-drop', 'ALL', '--cap-add', 'CHOWN', '--cap-add', 'DAC_OVERRIDE', '--security-opt', 'no-new-privileges'],
    ...mounts.flatMap((mount) => ['--mount', mount]),
    ...['--entrypoint', '/bin/sh', images.sidecars.id, '-c', SCRIPT, 'sh', `${facts.uid}:${facts.gid}`],
  ]);
  if (exitCode === 0) return;
  throw new BottleError('deploy/volumes-not-owned', "the agent's volumes cannot be given to its user", {
    fix: 'let this engine run a container with the capabilities CHOWN and DAC_OVERRIDE, which deploy needs for images of your own',
    details: stderr.trim().split('\n').slice(-3),
  });
}
