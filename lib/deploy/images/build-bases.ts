/** Builds the stand-ins of base images from packages, for machines that reach no container registry. */

import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import {
  BASES,
  DEBIAN,
  GITLEAKS_VERSION,
  type LocalBaseName,
  NODE_PACKAGE,
  NPM_PACKAGE,
} from '../../../images/bases/pins.ts';
import { BottleError } from '../../errors.ts';
import type { Progress } from '../progress.ts';
import { type Architecture, architectureNamed, localBaseTag, recipeFiles } from './base-recipe.ts';
import { buildImage } from './build-image.ts';
import { docker, type Environment, engineArchitecture } from './docker.ts';
import { missingBases } from './missing-bases.ts';
import { unpackedPackage } from './npm-pack.ts';

export interface BuildBasesOptions {
  readonly env: Environment;
  readonly progress: Progress;
  /** One-line APT sources of the suite, for a host with a Debian mirror of its own; mmdebstrap's default otherwise. */
  readonly debianSources?: readonly string[];
}

interface Work extends BuildBasesOptions {
  readonly architecture: Architecture;
  readonly scratch: string;
  readonly note: (text: string) => void;
}

async function buildDebian({ env, scratch, architecture, debianSources }: Work): Promise<void> {
  const archive = join(scratch, 'debian.tar');
  const args = [
    '--variant=apt',
    `--architectures=${architecture}`,
    `--include=${DEBIAN.include.join(',')}`,
    ...DEBIAN.dpkgOptions.map((option) => `--dpkgopt=${option}`),
    // The host's own would come along: the engine gives each container its files.
    '--customize-hook=rm -f "$1/etc/resolv.conf" "$1/etc/hostname"',
    DEBIAN.suite,
    archive,
    ...(debianSources ?? []),
  ];
  const { failed, code, stderr } = await execa('mmdebstrap', args, {
    env: { ...env },
    extendEnv: false,
    reject: false,
  });
  if (failed) {
    throw new BottleError('images/debian-base', 'mmdebstrap could not make a Debian base image', {
      fix: code === 'ENOENT' ? 'install the package mmdebstrap' : 'check the connection to the Debian mirror',
      details: stderr.split('\n').slice(-10),
    });
  }
  const imported = await docker(['import', '--change', 'CMD ["bash"]', archive, localBaseTag('debian', architecture)], {
    env,
  });
  if (!imported.ok) throw new BottleError('images/debian-base', imported.stderr.trim());
}

async function buildNode({ env, scratch, architecture, note }: Work): Promise<void> {
  const context = join(scratch, 'node');
  mkdirSync(context);
  note(`fetching ${NODE_PACKAGE[architecture].spec}`);
  const node = await unpackedPackage(NODE_PACKAGE[architecture], join(scratch, 'node-package'), env);
  renameSync(join(node, 'bin', 'node'), join(context, 'node'));
  chmodSync(join(context, 'node'), 0o755);
  const npm = await unpackedPackage(NPM_PACKAGE, join(scratch, 'npm-package'), env);
  renameSync(npm, join(context, 'npm'));
  for (const { path, content } of recipeFiles('node')) writeFileSync(join(context, path), content);
  await buildImage({
    what: 'base image node',
    tag: localBaseTag('node', architecture),
    context,
    args: {},
    extraCA: false,
    env,
    note,
  });
}

async function buildFromDebian(name: 'gitleaks' | 'mitmproxy', { env, architecture, note }: Work): Promise<void> {
  const args = {
    [BASES.debian.argument]: localBaseTag('debian', architecture),
    ...(name === 'gitleaks' ? { GITLEAKS_VERSION } : {}),
  };
  const tag = localBaseTag(name, architecture);
  await buildImage({ what: `base image ${name}`, tag, context: recipeFiles(name), args, extraCA: true, env, note });
}

const BUILD: Readonly<Record<LocalBaseName, (work: Work) => Promise<void>>> = {
  debian: buildDebian,
  node: buildNode,
  gitleaks: (work) => buildFromDebian('gitleaks', work),
  mitmproxy: (work) => buildFromDebian('mitmproxy', work),
};

/** Builds every stand-in that is missing and returns the names of those built. */
export async function buildBases(options: BuildBasesOptions): Promise<readonly LocalBaseName[]> {
  const { env, progress } = options;
  const architecture = architectureNamed(await engineArchitecture(env));
  const names = await progress.step('base images', async (note) => {
    const found = await missingBases(env);
    note(found.length === 0 ? 'all there' : `to build: ${found.join(', ')}`);
    return found;
  });
  for (const name of names) {
    await progress.step(`base image ${name}`, async (note) => {
      const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-base-'));
      try {
        await BUILD[name]({ ...options, architecture, scratch, note });
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    });
  }
  return names;
}
