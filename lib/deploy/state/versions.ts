/** A bottle as synth gave it, without live grants: the one that is deployed, and the one that is to be. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BottleDocuments } from '../../diff/index.ts';
import { BottleError } from '../../errors.ts';
import { DEPLOYED_FILE, type Deployed, readDeployed } from '../../operate/state/deployed.ts';
import { stateDirectoryProblem } from '../../operate/state/directory.ts';
import { type AssembledBottle, parseBottleManifest } from '../assembly.ts';
import { readStateFiles, sha256 } from './contents.ts';
import { DECLARED_MANIFEST, declaredPath } from './live-grants.ts';

export interface DeployedVersion {
  readonly version: BottleDocuments;
  readonly record: Deployed;
  /** Files that are missing, or not as synth gave them: somebody changed them since. */
  readonly altered: readonly string[];
}

/** Another version of this program may keep its state in another way. */
const unreadable = (slug: string, what: string): BottleError =>
  new BottleError('diff/unreadable-state', `what is deployed of ${slug} cannot be compared: ${what}`, {
    fix: `deploy it once more with this version (bottle deploy ${slug}), or compare with an output directory (--against)`,
  });

/**
 * What is deployed of `slug`; undefined where nothing is. Throws if the state directory is another user's, or was not
 * written by a version that keeps what it was given.
 */
export function deployedVersion(stateDir: string, slug: string): DeployedVersion | undefined {
  const problem = stateDirectoryProblem(stateDir);
  if (problem !== undefined && problem.code !== 'deploy/state-not-writable') throw problem;
  if (!existsSync(join(stateDir, DEPLOYED_FILE))) return undefined;
  const record = readDeployed(stateDir);
  if (record === undefined) throw unreadable(slug, `its ${DEPLOYED_FILE} is none that this version writes`);
  const kept = declaredPath(DECLARED_MANIFEST);
  const text = readStateFiles(stateDir, [kept]).get(kept)?.content.toString();
  if (text === undefined) throw unreadable(slug, 'it was deployed by a version that did not keep its manifest');
  const manifest = parseBottleManifest(text);
  if (manifest === undefined) throw unreadable(slug, `its ${kept} is none that this version reads`);
  const paths = Object.keys(manifest.files);
  const found = readStateFiles(stateDir, [...paths, ...paths.map(declaredPath)]);
  const files = paths.flatMap((path): (readonly [string, Buffer])[] => {
    const file = found.get(declaredPath(path)) ?? found.get(path);
    return file === undefined ? [] : [[path, file.content]];
  });
  const contents = new Map(files);
  const altered = paths.filter((path) => {
    const content = contents.get(path);
    return content === undefined || sha256(content) !== manifest.files[path];
  });
  return { version: { slug, manifest, files: contents }, record, altered };
}

/** `bottle` as synth gave it, whatever live grants were merged into it. */
export function synthesizedVersion({ slug, files, manifest, live }: AssembledBottle): BottleDocuments {
  if (live === undefined) return { slug, manifest, files };
  const { [DECLARED_MANIFEST]: entry, ...declared } = Object.fromEntries(live.declared);
  return {
    slug,
    manifest: parseBottleManifest(entry?.toString() ?? '') ?? manifest,
    files: new Map([...files, ...Object.entries(declared)]),
  };
}
