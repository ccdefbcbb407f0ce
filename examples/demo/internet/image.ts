import { join } from 'node:path';
import { architectureNamed } from '../../../lib/deploy/images/base-recipe.ts';
import { baseArguments, basesFor } from '../../../lib/deploy/images/bases-for.ts';
import { engineArchitecture } from '../../../lib/deploy/images/docker.ts';
import { buildUserImage } from '../../../lib/deploy/images/index.ts';
import { puller } from '../../../lib/deploy/images/registry.ts';
import { silent } from '../../../lib/deploy/progress.ts';

/** The image of the test internet, built where the engine does not hold it. Base images as `lockFile` has them. */
export async function internetImage(lockFile: string): Promise<string> {
  const env = process.env;
  const architecture = architectureNamed(await engineArchitecture(env));
  const bases = await basesFor(['debian', 'node'], lockFile, { env, architecture, pull: puller(env) });
  const { tag } = await buildUserImage({
    projectDir: import.meta.dirname,
    context: join(import.meta.dirname, 'image'),
    args: baseArguments(bases),
    repository: 'claude-bottle-test-internet',
    env,
    progress: silent,
  });
  return tag;
}
