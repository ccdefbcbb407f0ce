/** The house's plan: which folder may import which (docs/decisions/0003 says why; 0001 has the one exception). */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';

const test = suite('architecture');
const ROOT = join(import.meta.dirname, '../../..');

/** Rooms from the inside out; a file may import from its own room and from those that are listed for it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'lib/errors.ts': [],
  'lib/plan': [],
  'lib/topology': ['lib/plan'],
  'lib/rules': ['lib/plan', 'lib/topology'],
  'lib/render': ['lib/plan'],
  constructs: ['lib/plan', 'lib/errors.ts'],
  'lib/assembly': ['lib/plan', 'lib/rules', 'lib/render', 'lib/errors.ts'],
  // Live changes are judged by the rules of a definition and of a proposal, and written as the renderers write.
  'lib/operate': ['lib/plan', 'lib/rules', 'lib/render', 'lib/assembly', 'images', 'lib/errors.ts'],
  // A difference is told by what the daemons make of their files, so by the same comparisons as live changes.
  'lib/diff': ['lib/plan', 'lib/render', 'lib/assembly', 'lib/operate', 'lib/errors.ts'],
  // Deploy judges mounts again on real paths, and builds from what the images' folder pins.
  'lib/deploy': [
    'lib/plan',
    'lib/rules',
    'lib/render',
    'lib/assembly',
    'lib/operate',
    'lib/diff',
    'images',
    'lib/errors.ts',
  ],
  'lib/graph': ['lib/plan', 'lib/topology', 'lib/explain'],
  // The rules of the daemons themselves, where they are written in TypeScript.
  'lib/explain': ['lib/plan', 'lib/rules', 'images', 'lib/errors.ts'],
  'lib/cli': [
    'lib/plan',
    'lib/topology',
    'lib/rules',
    'lib/render',
    'lib/assembly',
    'lib/diff',
    'lib/deploy',
    'lib/operate',
    'lib/explain',
    'lib/graph',
    'constructs',
    'lib/errors.ts',
  ],
  images: ['lib/plan'],
  // What users' tests look at is what synth would write.
  testing: ['constructs', 'lib/plan', 'lib/assembly', 'lib/topology'],
  'index.ts': ['constructs', 'lib/assembly', 'lib/plan'],
  'bin/bottle.ts': ['lib/cli'],
};

/** `App.synth()` writes the assembly, so this one file points against the arrow (docs/decisions/0001). */
const EXCEPTION = { file: 'constructs/app.ts', rooms: ['lib/assembly', 'lib/rules'] };

const LONGEST = 300;

interface Source {
  /** Relative to the repository, with slashes. */
  readonly file: string;
  readonly text: string;
}

function sources(...folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|py|sh)$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(folder, name))
      .map((file) => ({ file: relative('.', file), text: readFileSync(join(ROOT, file), 'utf8') })),
  );
}

const read = (file: string): Source => ({ file, text: readFileSync(join(ROOT, file), 'utf8') });

const roomOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((room) => file === room || file.startsWith(`${room}/`));

/** Relative imports, exports-from and dynamic imports of a file, as files of the repository. */
function importsOf({ file, text }: Source): readonly string[] {
  const found = text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\1/g);
  return [...found].map(([, , specifier = '']) => posix.normalize(posix.join(dirname(file), specifier)));
}

function violations(files: readonly Source[]): readonly string[] {
  return files.flatMap((source) => {
    const room = roomOf(source.file);
    return importsOf(source).flatMap((target) => {
      const there = roomOf(target);
      const allowed = [room, ...(room === undefined ? [] : (MAY_IMPORT[room] ?? []))];
      const excepted = source.file === EXCEPTION.file && EXCEPTION.rooms.some((name) => name === there);
      return there !== undefined && (allowed.includes(there) || excepted) ? [] : [`${source.file} imports ${target}`];
    });
  });
}

const code = (): readonly Source[] =>
  [...sources('lib', 'constructs', 'testing', 'images'), read('index.ts'), read('bin/bottle.ts')].filter(({ file }) =>
    file.endsWith('.ts'),
  );

test('imports point one way: constructs to the plan, rules and renderers to the plan, the edges to the middle', () => {
  assert.equal(violations(code()), []);
});

test('an arrow that no file needs is not in the list', () => {
  const needed = new Set(
    code().flatMap((source) => importsOf(source).map((target) => `${roomOf(source.file)} → ${roomOf(target)}`)),
  );
  const listed = Object.entries(MAY_IMPORT).flatMap(([room, others]) => others.map((other) => `${room} → ${other}`));
  assert.equal(
    listed.filter((arrow) => !needed.has(arrow)),
    [],
  );
});

test('an import against the arrows is seen, however it is written', () => {
  const against = [
    "import { x } from '../render/index.ts';",
    "export * from '../deploy/index.ts';",
    "const x = await import('../../constructs/app.ts');",
    "import '../cli/main.ts';",
    "import type { X } from '../../test/support/suite.ts';",
  ];
  for (const text of against) {
    assert.is(violations([{ file: 'lib/plan/x.ts', text }]).length, 1, text);
  }
  assert.is(
    violations([{ file: 'constructs/bottle.ts', text: "import { s } from '../lib/assembly/index.ts';" }]).length,
    1,
  );
  assert.is(
    violations([{ file: 'constructs/app.ts', text: "import { s } from '../lib/assembly/index.ts';" }]).length,
    0,
  );
  assert.is(violations([{ file: 'lib/rules/env.ts', text: "import { s } from '../plan/index.ts';" }]).length, 0);
});

test('every source file belongs to a room', () => {
  const homeless = code().filter(({ file }) => roomOf(file) === undefined);
  assert.equal(
    homeless.map(({ file }) => file),
    [],
  );
});

test('an index file only re-exports', () => {
  for (const { file, text } of code().filter((source) => source.file.endsWith('index.ts'))) {
    const rest = text
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+'[^']+';/g, '');
    assert.equal(rest.trim(), '', file);
  }
});

test(`no file of the product is longer than ${LONGEST} lines`, () => {
  const long = sources('lib', 'constructs', 'images', 'bin', 'examples')
    .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LONGEST);
  assert.equal(long, []);
});

test('constructs and the plan need no heavy package and touch no file or process but where they must', () => {
  const light = ['constructs', 'ipaddr.js', 'node:path', 'node:url'];
  const more: Readonly<Record<string, readonly string[]>> = {
    'constructs/definition-site.ts': ['node:module'],
    'constructs/project-name.ts': ['node:fs'],
    'constructs/working-project.ts': ['node:fs'],
    'lib/rules/public-suffix.ts': ['node:module'],
  };
  for (const { file, text } of sources('constructs', 'lib/plan', 'lib/rules')) {
    for (const [, , name = ''] of text.matchAll(/^(?:import|export)\s(?:[^;'"=]*from\s+)?(['"])([^.'"][^'"]*)\1;/gm)) {
      assert.ok([...light, ...(more[file] ?? [])].includes(name), `${file} imports ${name}`);
    }
  }
});

test.run();
