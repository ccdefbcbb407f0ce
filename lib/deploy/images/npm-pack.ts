/** Packages of the npm registry, fetched on the host and checked against a pinned integrity. */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { PinnedPackage } from '../../../images/bases/pins.ts';
import { BottleError } from '../../errors.ts';
import type { Environment } from './docker.ts';

async function run(file: string, args: readonly string[], cwd: string, env: Environment): Promise<string> {
  const { failed, stdout, stderr } = await execa(file, args, { cwd, env: { ...env }, extendEnv: false, reject: false });
  if (!failed) return stdout;
  throw new BottleError('images/package-unavailable', `${file} ${args[0] ?? ''} failed while fetching a package`, {
    fix: 'check the connection to the npm registry',
    details: stderr.split('\n').slice(-10),
  });
}

/** Fetches `pinned` below `folder` and returns the folder of its unpacked content. */
export async function unpackedPackage(pinned: PinnedPackage, folder: string, env: Environment): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const listing = await run('npm', ['pack', pinned.spec, '--json', '--ignore-scripts'], folder, env);
  const [packed] = JSON.parse(listing) as { filename: string }[];
  const archive = join(folder, packed?.filename ?? '');
  const [algorithm = '', expected = ''] = pinned.integrity.split(/-(.*)/s);
  if (createHash(algorithm).update(readFileSync(archive)).digest('base64') !== expected) {
    throw new BottleError('images/package-integrity', `${pinned.spec} is not the package that is pinned`, {
      fix: 'do not use this registry: its content differs from the published package',
    });
  }
  await run('tar', ['-xzf', archive, '-C', folder], folder, env);
  return join(folder, 'package');
}
