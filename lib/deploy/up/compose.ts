/** Compose on a state directory: the same project as a plain `docker compose` there. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Docker } from '../../operate/index.ts';
import { PROJECT_DIR_VARIABLE } from '../../plan/index.ts';
import type { ReadyBottle } from '../preflight/index.ts';
import { OVERRIDE_FILE } from '../state/override.ts';

/** `docker compose` with project, directory and files, all explicit: no variable of the user's shell moves them. */
export function composeArguments({ compose, stateDir }: Pick<ReadyBottle, 'compose' | 'stateDir'>): string[] {
  const override = join(stateDir, OVERRIDE_FILE);
  const files = [join(stateDir, 'compose.yaml'), ...(existsSync(override) ? [override] : [])];
  const named = ['--project-name', compose.project, '--project-directory', stateDir];
  return ['compose', ...named, ...files.flatMap((file) => ['--file', file])];
}

/** What compose interpolates and forwards: values travel here and nowhere else. */
export function composeEnvironment({ values }: ReadyBottle, projectDir: string): Readonly<Record<string, string>> {
  return { ...values, [PROJECT_DIR_VARIABLE]: projectDir };
}

/**
 * The hash by which compose decides whether a container still is what its service says, by service. It covers the
 * values of the variables, so that a changed token shows without being stored anywhere.
 */
export async function configHashes(
  docker: Docker,
  ready: ReadyBottle,
  projectDir: string,
): Promise<ReadonlyMap<string, string>> {
  const args = [...composeArguments(ready), 'config', '--hash', '*'];
  const text = await docker.run(args, { extraEnv: composeEnvironment(ready, projectDir) });
  const pairs = text.split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(pairs.flatMap(([name, hash]) => (name && hash ? [[name, hash] as const] : [])));
}
