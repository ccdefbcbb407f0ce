/** The build context of the sidecar image: Dockerfile, bundled programs and files at their final paths. */

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { build } from 'esbuild';
import { BUILTIN_SLOT, ENTRIES, PROGRAMS, type Program } from '../../../images/sidecars/programs.ts';
import type { ContextFile } from './content.ts';
import { packageRoot } from './package-root.ts';

type Bundle = Extract<Program, { kind: 'bundle' }>;

async function bundled({ entry, target, executable }: Bundle, root: string): Promise<ContextFile> {
  const result = await build({
    entryPoints: [join(ENTRIES.folder, `${entry}${ENTRIES.extension}`)],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: false,
    charset: 'utf8',
    logLevel: 'silent',
    write: false,
    outfile: 'bundle.cjs',
    ...(executable === true ? { banner: { js: '#!/usr/local/bin/node' } } : {}),
  });
  const content = result.outputFiles[0]?.contents ?? new Uint8Array();
  return { path: `rootfs${target}`, content, executable: executable === true };
}

function copied(program: Exclude<Program, Bundle>, folder: string): ContextFile[] {
  if (program.kind === 'file') {
    const content = readFileSync(join(folder, program.source));
    return [{ path: `rootfs${program.target}`, content, executable: program.executable === true }];
  }
  return readdirSync(join(folder, program.source))
    .filter((name) => extname(name) === program.extension)
    .map((name) => ({
      path: `rootfs${program.target}/${name}`,
      content: readFileSync(join(folder, program.source, name)),
      executable: false,
    }));
}

/** Everything that goes into the sidecar image beside its bases. */
export async function sidecarContext(): Promise<readonly ContextFile[]> {
  const root = packageRoot();
  const folder = join(root, 'images', 'sidecars');
  const dockerfile = { path: 'Dockerfile', content: readFileSync(join(folder, 'Dockerfile')), executable: false };
  const slot = { path: 'slot/pipelock', content: Buffer.from(BUILTIN_SLOT), executable: true };
  const programs = await Promise.all(
    PROGRAMS.map(async (program) =>
      program.kind === 'bundle' ? [await bundled(program, root)] : copied(program, folder),
    ),
  );
  return [dockerfile, slot, ...programs.flat()];
}
