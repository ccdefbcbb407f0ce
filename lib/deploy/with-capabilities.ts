/** Approved capabilities of a bottle become part of its agent's image at the next deploy. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  CAPABILITIES_FILE,
  forgetCapabilities,
  hasNoCapabilities,
  readCapabilities,
} from '../operate/capabilities/index.ts';
import type { BottleImage } from './bottle-images.ts';
import { ensureCapabilityImage } from './images/capability-image.ts';
import type { DeployOptions, Environment } from './options.ts';
import type { Progress } from './progress.ts';

type Options = Pick<DeployOptions, 'progress' | 'signal' | 'reset'> & { readonly env: Environment };

/** `base`, or the image made of it; `base` with `--reset`, which starts from the definition alone. */
export async function withCapabilities(base: BottleImage, stateDir: string, options: Options): Promise<BottleImage> {
  const { env, progress, signal, reset } = options;
  if (reset === true) return base;
  const capabilities = readCapabilities(stateDir);
  if (hasNoCapabilities(capabilities)) return base;
  const { tag, id } = await ensureCapabilityImage({ base, capabilities, env, progress, signal });
  return { reference: tag, id, pinned: true };
}

/** What `--reset` forgets once the bottle runs without it; a file that cannot be read is forgotten, too. */
export function forgetApproved(stateDir: string, progress: Progress): void {
  if (!existsSync(join(stateDir, CAPABILITIES_FILE))) return;
  forgetCapabilities(stateDir);
  progress.say('approved packages and Dockerfiles are forgotten (--reset); a new deploy builds none of them');
}
