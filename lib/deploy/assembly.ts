/** Reads what synth wrote, and trusts none of it before it was checked against the manifest. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type BottleManifest, MANIFEST_FILE, type Manifest } from '../assembly/manifest.ts';
import { unknownBottle } from '../assembly/select.ts';
import { BottleError } from '../errors.ts';
import { DAEMONS, DNS_LABEL, SHAPES, SLUG_MAX, WORKSPACE_NAME } from '../plan/index.ts';
import { sha256 } from './state/contents.ts';
import type { LiveGrants } from './state/live-grants.ts';

/** A relative path without `.`, `..` or empty segments. */
const PLAIN_PATH = /^(?!.*(^|\/)\.{0,2}(\/|$))[^\\]+$/;

const image = z.union([
  z.object({ kind: z.literal('default') }),
  z.object({ kind: z.literal('reference'), reference: z.string() }),
  z.object({
    kind: z.literal('build'),
    context: z.string(),
    dockerfile: z.string().optional(),
    args: z.record(z.string(), z.string()),
  }),
  z.object({ kind: z.literal('claudeCode'), version: z.string().optional() }),
]);

const VARIABLE = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

const REMOTE = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const workspace = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('clone'), name: z.string().regex(REMOTE) }),
  z.object({ kind: z.literal('copy'), name: z.string().regex(WORKSPACE_NAME), source: z.string() }),
  z.object({
    kind: z.literal('bind'),
    name: z.string().regex(WORKSPACE_NAME),
    source: z.string(),
    readOnly: z.boolean(),
    protects: z.array(z.string()),
  }),
]);

/** What this version does not know is carried along: a diff tells it. */
const requires = z.looseObject({
  images: z.object({ agent: image, sidecars: image }),
  scanner: z.enum(['pipelock', 'builtin']).nullable(),
  hostVariables: z.array(z.object({ name: VARIABLE, neededBy: z.array(z.string()) })),
  answers: z.array(z.object({ owner: z.enum(['agent', 'sidecars']), name: VARIABLE, question: z.string() })),
  skills: z.array(z.object({ name: z.string().regex(DNS_LABEL), source: z.string() })),
  tokens: z.array(z.object({ slot: z.string().regex(/^EGRESS_TOKEN_\d+$/), from: VARIABLE })),
  identityFiles: z.array(z.object({ remote: z.string().regex(REMOTE), path: z.string() })),
  trustedCAs: z.array(z.string()),
  bindMounts: z.array(z.object({ service: z.enum(['agent', 'sidecars']), source: z.string(), target: z.string() })),
  externalNetwork: z.string().nullable(),
  workspace: workspace.optional(),
  agentTrusts: z.enum(['egress-ca', 'pipelock-ca']),
});

const override = z.object({
  service: z.enum(['agent', 'sidecars']),
  kind: z.enum(['set', 'delete', 'patch']),
  paths: z.array(z.string()),
});

const bottleManifest = z.looseObject({
  path: z.string(),
  files: z.record(z.string().regex(PLAIN_PATH), z.string().regex(/^[0-9a-f]{64}$/)),
  daemons: z.array(z.enum(DAEMONS)),
  shape: z.enum(SHAPES),
  overrides: z.array(override).default([]),
  requires,
});

const manifest = z.object({
  version: z.literal(1),
  app: z.string().min(1),
  bottles: z.record(z.string().regex(DNS_LABEL).max(SLUG_MAX), bottleManifest),
});

/** One bottle of an assembly, with the contents of its files. */
export interface AssembledBottle {
  readonly slug: string;
  readonly app: string;
  readonly manifest: BottleManifest;
  readonly files: ReadonlyMap<string, Buffer>;
  /** The live grants that are merged into manifest and files; absent where nobody has looked for any. */
  readonly live?: LiveGrants;
}

/** One bottle's entry of a manifest, or undefined if `text` is none that this version reads. */
export function parseBottleManifest(text: string): BottleManifest | undefined {
  try {
    return bottleManifest.parse(JSON.parse(text)) as BottleManifest;
  } catch {
    return undefined;
  }
}

/** The manifest of `assemblyDir`. Throws if there is none, or none that this version reads. */
export function loadManifest(assemblyDir: string): Manifest {
  const file = join(assemblyDir, MANIFEST_FILE);
  if (!existsSync(file)) {
    throw new BottleError('deploy/no-assembly', `nothing is synthesized: there is no ${file}`, {
      fix: 'run bottle synth first',
    });
  }
  try {
    return manifest.parse(JSON.parse(readFileSync(file, 'utf8'))) as Manifest;
  } catch (cause) {
    throw new BottleError('deploy/bad-manifest', `${file} is not a manifest that this version reads`, {
      fix: 'run bottle synth again with this version of claude-bottle',
      cause,
    });
  }
}

/** The bottle `slug` as synth rendered it. Throws if a file is missing or was changed since. */
export function loadBottle(assemblyDir: string, { app, bottles }: Manifest, slug: string): AssembledBottle {
  const bottle = bottles[slug];
  if (bottle === undefined) throw unknownBottle(bottles, [slug]);
  const files = new Map<string, Buffer>();
  const changed: string[] = [];
  for (const [path, digest] of Object.entries(bottle.files)) {
    const file = join(assemblyDir, slug, path);
    const content = existsSync(file) ? readFileSync(file) : undefined;
    if (content === undefined || sha256(content) !== digest) changed.push(`${slug}/${path}`);
    else files.set(path, content);
  }
  if (changed.length > 0) {
    throw new BottleError('deploy/assembly-changed', 'the assembly is not as synth wrote it', {
      fix: 'change the definition instead, and run bottle synth again',
      details: changed.map((path) => `missing or changed: ${path}`),
    });
  }
  return { slug, app, manifest: bottle, files };
}
