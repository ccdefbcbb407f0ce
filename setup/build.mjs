/**
 * `npm run build`: compiles everything to `build/` (types, and what images are built from), then makes few files of the
 * package's entries, their small dependencies inside. To find and read some two hundred modules one by one is most of
 * what a synth would cost otherwise.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './packages.mjs';
import { must } from './run.mjs';

const BUILD = join(ROOT, 'build');

/**
 * What stays a package of its own: `constructs` has to be the one that a definition extends; esbuild is a program; the
 * X.509 library registers itself by side effects.
 */
const EXTERNAL = ['constructs', 'esbuild', '@peculiar/x509', 'reflect-metadata'];

/** CommonJS packages ask for Node's own modules by `require`, which a module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** @param {string} path @returns {string | undefined} the package that an input of the bundle belongs to */
const packageOf = (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];

/** @param {string} folder @returns {readonly string[]} what a package without a file for it says of its licence */
function licenceInReadme(folder) {
  const readme = readdirSync(folder).find((file) => /^readme(?:\.|$)/i.test(file));
  const [section] = (readme && /^#+ *licen[cs]e\b[\s\S]*/im.exec(readFileSync(join(folder, readme), 'utf8'))) || [];
  return section === undefined ? [] : [section.trim()];
}

/** @param {string} name @returns {string} */
function licence(name) {
  const folder = join(ROOT, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const found = texts.length > 0 ? texts : licenceInReadme(folder);
  if (found.length === 0) throw new Error(`${name} may not be bundled: it comes without the text of its licence`);
  return [`${name} ${version} (${license})`, ...found].join('\n\n');
}

rmSync(BUILD, { recursive: true, force: true });
await must(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'tsconfig.build.json')]);
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: { index: 'index.ts', 'testing/index': 'testing/index.ts', 'bin/bottle': 'bin/bottle.ts' },
  outdir: BUILD,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: EXTERNAL,
  conditions: ['claude-bottle-source'],
  banner: { js: REQUIRE },
  // Stacks are for people: names stay, and lines too.
  minify: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
const bundled = [...new Set(Object.keys(metafile.inputs).flatMap((path) => packageOf(path) ?? []))].sort();
writeFileSync(join(BUILD, 'THIRD-PARTY-LICENSES.txt'), `${bundled.map(licence).join('\n\n----\n\n')}\n`);
