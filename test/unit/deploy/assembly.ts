/** A small assembly on disk, as synth would write it. */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { DeployRequirements, Manifest } from '../../../lib/assembly/manifest.ts';

export const NOTHING_REQUIRED: DeployRequirements = {
  images: {
    agent: { kind: 'reference', reference: 'example/agent:1' },
    sidecars: { kind: 'reference', reference: 'example/sidecars:1' },
  },
  scanner: null,
  hostVariables: [],
  answers: [],
  skills: [],
  tokens: [],
  identityFiles: [],
  trustedCAs: [],
  bindMounts: [],
  externalNetwork: null,
  agentTrusts: 'egress-ca',
};

export interface AssemblyInput {
  readonly slug?: string;
  readonly app?: string;
  readonly requires?: Partial<DeployRequirements>;
  /** Further entries of the agent's `volumes`. */
  readonly volumes?: readonly object[];
}

/** Writes the assembly to `outdir` and returns it. */
export function writeAssembly(
  outdir: string,
  { slug = 'demo', app = 'acme', requires = {}, volumes = [] }: AssemblyInput = {},
): string {
  const labels = { 'claude-bottle.slug': slug, 'claude-bottle.app': app };
  const compose = {
    name: `claude-bottle-${slug}`,
    services: {
      sidecars: { image: 'example/sidecars:1', container_name: `claude-bottle-sidecars-${slug}`, labels },
      agent: { image: 'example/agent:1', container_name: `claude-bottle-${slug}`, labels, volumes },
    },
    networks: { internal: { labels }, egress: { labels } },
    volumes: { home: { labels } },
  };
  const files: Record<string, string> = {
    'compose.yaml': stringify(compose, { version: '1.1' }),
    'egress/routes.yaml': 'version: 1\n',
    'pipelock/pipelock.yaml': 'version: 1\n',
    'agent/entrypoint.sh': '#!/bin/sh\nexec "$@"\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(outdir, slug, path)), { recursive: true });
    writeFileSync(join(outdir, slug, path), text);
  }
  const digests = Object.entries(files).map(([path, text]) => [path, createHash('sha256').update(text).digest('hex')]);
  const manifest: Manifest = {
    version: 1,
    app,
    bottles: {
      [slug]: {
        path: slug,
        files: Object.fromEntries(digests),
        daemons: ['egress', 'pipelock'],
        shape: 'bundle',
        overrides: [],
        requires: { ...NOTHING_REQUIRED, ...requires },
      },
    },
  };
  writeFileSync(join(outdir, 'manifest.json'), JSON.stringify(manifest));
  return outdir;
}
