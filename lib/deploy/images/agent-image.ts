/** The image of the agent: Claude Code in the version asked for, built only if the content is new. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BottleError } from '../../errors.ts';
import type { Progress } from '../progress.ts';
import { architectureNamed } from './base-recipe.ts';
import { baseArguments, baseIdentities, basesFor } from './bases-for.ts';
import { buildImage } from './build-image.ts';
import { contentHash, contentTag } from './content.ts';
import { type Environment, engineArchitecture, imageFacts } from './docker.ts';
import { LOCK_FILE } from './lock.ts';
import { packageRoot } from './package-root.ts';
import { puller } from './registry.ts';

export interface AgentImageOptions {
  /** The user's project: where `cdk.json` lies. */
  readonly projectDir: string;
  /** @default - `claude-bottle.lock` in the project */
  readonly lockFile?: string;
  /** Version of Claude Code; the Dockerfile's own unless given. */
  readonly version?: string;
  readonly env: Environment;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface AgentImage {
  /** `claude-bottle-agent:<first 12 digits of the content hash>` */
  readonly tag: string;
  /** `sha256:…` */
  readonly id: string;
  /** False where the engine held this content already. */
  readonly built: boolean;
}

/** An exact version: a range or a tag such as `latest` would make the image change behind its content hash. */
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Makes sure that the engine holds the agent's image. */
export async function ensureAgentImage(options: AgentImageOptions): Promise<AgentImage> {
  const { version, env, progress, signal } = options;
  if (version !== undefined && !VERSION.test(version)) {
    throw new BottleError('images/agent-version', `${JSON.stringify(version)} is not a version of Claude Code`, {
      fix: 'give an exact version, such as 2.1.330',
    });
  }
  const lockFile = options.lockFile ?? join(options.projectDir, LOCK_FILE);
  return progress.step('agent image', async (note) => {
    const architecture = architectureNamed(await engineArchitecture(env));
    const bases = await basesFor(['debian', 'node'], lockFile, { env, architecture, pull: puller(env, signal) });
    const dockerfile = readFileSync(join(packageRoot(), 'images', 'agent', 'Dockerfile'));
    const context = [{ path: 'Dockerfile', content: dockerfile, executable: false }];
    const versionArgument: Record<string, string> = version === undefined ? {} : { CLAUDE_CODE_VERSION: version };
    const hash = contentHash(context, { architecture, ...versionArgument, ...baseIdentities(bases) });
    const tag = contentTag('claude-bottle-agent', hash);
    const present = await imageFacts(tag, env);
    if (present !== undefined) {
      note(`${tag}, unchanged`);
      return { tag, id: present.id, built: false };
    }
    const args = { ...versionArgument, ...baseArguments(bases) };
    const built = await buildImage({ what: 'agent image', tag, context, args, extraCA: true, env, note, signal });
    note(tag);
    return { tag, id: built.id, built: true };
  });
}
