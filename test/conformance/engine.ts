/**
 * Which engine the suite runs against: the built-in scanner, or, where CLAUDE_BOTTLE_CONFORMANCE_ENGINE says `pipelock`, the
 * image that CLAUDE_BOTTLE_PIPELOCK_IMAGE names.
 */

import { tmpdir } from 'node:os';
import { ensureSidecarImage } from '../../lib/deploy/images/index.ts';
import { silent } from '../../lib/deploy/progress.ts';

export type EngineName = 'builtin' | 'pipelock';

export interface Engine {
  readonly name: EngineName;
  readonly image: string;
  /** What comes before pipelock's own arguments in `docker run`, and what is its program in the image. */
  readonly entrypoint: string;
}

export function engineName(env: NodeJS.ProcessEnv = process.env): EngineName {
  const name = env['CLAUDE_BOTTLE_CONFORMANCE_ENGINE'] ?? 'builtin';
  if (name !== 'builtin' && name !== 'pipelock') {
    throw new Error(`CLAUDE_BOTTLE_CONFORMANCE_ENGINE=${name}; allowed: builtin, pipelock`);
  }
  return name;
}

/** The image that has Node, which the outside runs on, whatever the engine. */
export async function sidecarImage(): Promise<string> {
  const options = { projectDir: tmpdir(), engine: 'builtin', env: process.env, progress: silent } as const;
  return (await ensureSidecarImage(options)).tag;
}

export function engineOf(name: EngineName, sidecars: string, env: NodeJS.ProcessEnv = process.env): Engine {
  if (name === 'builtin') return { name, image: sidecars, entrypoint: '/pipelock' };
  const image = env['CLAUDE_BOTTLE_PIPELOCK_IMAGE'];
  if (image === undefined || image === '') throw new Error('CLAUDE_BOTTLE_PIPELOCK_IMAGE has to name an image');
  return { name, image, entrypoint: '/pipelock' };
}
