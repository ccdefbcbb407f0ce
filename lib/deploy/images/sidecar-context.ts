/** The build context of the sidecar image: Dockerfile, bundled programs and files at their final paths. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUILTIN_SLOT, PROGRAMS, type Program } from '../../../images/sidecars/programs.ts';
import type { ContextFile } from './content.ts';
import { packageRoot } from './package-root.ts';

type Bundle = Extract<Program, { kind: 'bundle' }>;
type Folder = Extract<Program, { kind: 'folder' }>;

/** The program that starts at `entry`, as one CommonJS file: the same bytes wherever it and node_modules lie. */
export async function bundle(entry: string): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Paths are comments and keys of wrappers otherwise. The names of functions stay, for the stacks in a log.
    minifyWhitespace: true,
    minifyIdentifiers: true,
    keepNames: true,
    legalComments: 'none',
    charset: 'utf8',
    // Below node_modules a tsconfig.json is not read, so what it would say is said here.
    tsconfigRaw: {},
    banner: { js: '"use strict";' },
    logLevel: 'silent',
    write: false,
    outfile: 'bundle.cjs',
  });
  const content = result.outputFiles[0]?.contents;
  if (content === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return content;
}

/** The file of an entry: TypeScript in the repository, JavaScript in the package, which ships no sources of `lib/`. */
function entryFile(entry: string): string {
  const root = packageRoot();
  const compiled = !existsSync(join(root, 'lib'));
  return join(root, ...(compiled ? ['build'] : []), 'images', 'sidecars', `${entry}.${compiled ? 'js' : 'ts'}`);
}

async function bundled({ entry, target }: Bundle): Promise<ContextFile> {
  const content = await bundle(entryFile(entry));
  return { path: `rootfs${target}`, content, executable: false };
}

function copied(source: string, target: string): ContextFile {
  const content = readFileSync(source);
  return { path: `rootfs${target}`, content, executable: content.subarray(0, 2).toString() === '#!' };
}

function copiedFolder({ source, extension, target }: Folder, folder: string): ContextFile[] {
  return readdirSync(join(folder, source), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('test_'))
    .filter((entry) => extension === undefined || entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => copied(path, `${target}${path.slice(join(folder, source).length)}`));
}

async function filesOf(program: Program, folder: string): Promise<readonly ContextFile[]> {
  if (program.kind === 'bundle') return [await bundled(program)];
  if (program.kind === 'folder') return copiedFolder(program, folder);
  return [copied(join(folder, program.source), program.target)];
}

/** Everything that goes into the sidecar image beside its bases. */
export async function sidecarContext(): Promise<readonly ContextFile[]> {
  const folder = join(packageRoot(), 'images', 'sidecars');
  const dockerfile = { path: 'Dockerfile', content: readFileSync(join(folder, 'Dockerfile')), executable: false };
  const slot = { path: 'slot/pipelock', content: Buffer.from(BUILTIN_SLOT), executable: true };
  const programs = await Promise.all(PROGRAMS.map((program) => filesOf(program, folder)));
  return [dockerfile, slot, ...programs.flat()];
}
