/** `deployed.json`: what the last deploy of a bottle brought up. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DAEMONS, ENV_NAME, SHAPES } from '../../plan/index.ts';

export const DEPLOYED_FILE = 'deployed.json';

const image = z.object({
  /** As the engine is asked for it. */
  reference: z.string(),
  /** `sha256:…` on the engine that it was deployed to. */
  id: z.string(),
});

/** It becomes part of a template for the engine. */
const variable = z.string().regex(ENV_NAME);

const deployed = z.object({
  version: z.literal(1),
  slug: z.string(),
  app: z.string(),
  /** Construct path. */
  path: z.string(),
  projectDir: z.string(),
  /** False from the first change of a deploy until its bottle is healthy. */
  complete: z.boolean(),
  daemons: z.array(z.enum(DAEMONS)),
  /** Absent in records of versions that knew the bundle alone. */
  shape: z.enum(SHAPES).default('bundle'),
  images: z.object({ agent: image, sidecars: image }),
  scanner: z.enum(['pipelock', 'builtin', 'unknown']),
  /** SHA-256 by path of the files that synth rendered, from its manifest. */
  assembly: z.record(z.string(), z.string()),
  /** Names of the host variables that its compose file reads. */
  hostVariables: z.array(z.string()),
  /** Which host variable fills which slot: the credentials, whose values are kept out of saved logs. */
  tokens: z.array(z.object({ slot: z.string(), from: z.string() })),
  /** What was asked for; never an answer. Absent where nothing was. */
  answers: z.array(z.object({ owner: z.enum(['agent', 'sidecars']), name: variable, question: z.string() })).optional(),
  /** SHA-256 of each skill as it was copied, by name. Absent where there is none. */
  skills: z.record(z.string(), z.string()).optional(),
  /** Name of the workspace's directory below /workspace. */
  workspace: z.string().optional(),
});

export type Deployed = z.infer<typeof deployed>;

/** `text` as a record, or undefined if it is none that this version reads. */
export function parseDeployed(text: string): Deployed | undefined {
  try {
    return deployed.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The record of `stateDir`, or undefined if there is none that this version reads. */
export function readDeployed(stateDir: string): Deployed | undefined {
  const file = join(stateDir, DEPLOYED_FILE);
  return existsSync(file) ? parseDeployed(readFileSync(file, 'utf8')) : undefined;
}

export const deployedText = (record: Deployed): string => `${JSON.stringify(record, null, 2)}\n`;
