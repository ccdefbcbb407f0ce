/** `supervise.json` and the environment, parsed once and strictly. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { SuperviseFile } from '../../../lib/plan/config-files.ts';
import { DEADLINE_SECONDS } from '../../../lib/plan/deadline.ts';
import { CONFIG_FILE, SUPERVISE_QUEUE_DIR } from '../../../lib/plan/paths.ts';

const File: z.ZodType<SuperviseFile> = z.strictObject({
  version: z.literal(1),
  slug: z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
  listen: z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/),
  deadlineSeconds: z.int().min(1).max(DEADLINE_SECONDS.most),
  credentials: z.array(z.string()),
});

export interface SuperviseConfig {
  readonly slug: string;
  readonly host: string;
  readonly port: number;
  readonly deadlineSeconds: number;
  readonly credentials: readonly string[];
  readonly queueDirectory: string;
  /** SHA-256 of the file that this configuration was read from. */
  readonly digest: string;
}

/** Reads `path`; throws with the keys at fault, or if the environment speaks of another bottle or port. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  path: string = CONFIG_FILE.supervise,
): SuperviseConfig {
  const bytes = readFileSync(path);
  const parsed = File.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  const { slug, listen, deadlineSeconds, credentials } = parsed.data;
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon);
  const port = Number(listen.slice(colon + 1));
  const expected = { SUPERVISE_BOTTLE_SLUG: slug, SUPERVISE_PORT: String(port) };
  for (const [name, value] of Object.entries(expected)) {
    const given = environment[name] ?? '';
    if (given !== '' && given !== value) throw new Error(`${name} is ${given}, but ${path} says ${value}`);
  }
  return {
    slug,
    host,
    port,
    deadlineSeconds,
    credentials,
    queueDirectory: environment['SUPERVISE_QUEUE_DIR'] || SUPERVISE_QUEUE_DIR,
    digest: createHash('sha256').update(bytes).digest('hex'),
  };
}
