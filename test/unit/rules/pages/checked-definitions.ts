/** The definitions of all examples, as a formatter leaves them and a type checker accepts them; one run of each for all. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuleExample } from '../examples/example.ts';
import { definitionText } from './definition-text.ts';

const ROOT = join(import.meta.dirname, '../../../..');

/** The failing and the mended definition of a rule. */
export interface Definitions {
  readonly failing: string;
  readonly mended: string;
}

/** The checker's settings, by which `claude-bottle` is this package from its sources. */
function tsconfig(): string {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as {
    readonly compilerOptions: object;
  };
  const paths = { 'claude-bottle': [join(ROOT, 'index.ts')] };
  const typeRoots = [join(ROOT, 'node_modules/@types')];
  return JSON.stringify({ compilerOptions: { ...compilerOptions, paths, typeRoots }, include: ['*.ts'] });
}

const FORMAT = JSON.stringify({
  root: true,
  formatter: { indentStyle: 'space', indentWidth: 2, lineWidth: 120 },
  javascript: { formatter: { quoteStyle: 'single', trailingCommas: 'all' } },
});

/** Runs one of this package's tools in `directory`, and gives its output if it fails. */
function refusal(program: string, args: readonly string[], directory: string): string {
  try {
    execFileSync(join(ROOT, 'node_modules/.bin', program), args, { cwd: directory, stdio: 'pipe', encoding: 'utf8' });
    return '';
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}` || String(error);
  }
}

/** A definition that a type checker must refuse, to show that it does. */
const CANARY = "import { App } from 'claude-bottle';\n\nnew App({ outdir: 1 });\n";

/** What the type checker says of the definitions; what it says of this package is for `npm run typecheck`. */
function typeErrors(directory: string): string {
  writeFileSync(join(directory, 'definitions/canary.ts'), CANARY);
  const said = refusal('tsc', ['-p', 'definitions/tsconfig.json'], directory);
  const errors = said.split('\n').filter((line) => line.startsWith('definitions/'));
  if (!errors.some((line) => line.startsWith('definitions/canary.ts(3,')))
    return `the type checker did not run: ${said}`;
  return errors.filter((line) => !line.startsWith('definitions/canary.ts')).join('\n');
}

/** By the id of the rule; throws with what the formatter or the type checker says. */
export function checkedDefinitions(examples: ReadonlyMap<string, RuleExample>): ReadonlyMap<string, Definitions> {
  const directory = mkdtempSync(join(tmpdir(), 'claude-bottle-definitions-'));
  const names = ['failing', 'mended'] as const;
  const breakable = [...examples].flatMap(([id, example]) => ('unbreakable' in example ? [] : [{ id, example }]));
  const fileOf = (id: string, name: string): string =>
    join(directory, 'definitions', `${id.replace(/[^a-z0-9-]/g, '_')}.${name}.ts`);
  const read = (id: string, name: string): string => readFileSync(fileOf(id, name), 'utf8');
  try {
    mkdirSync(join(directory, 'definitions'));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(directory, 'biome.json'), FORMAT);
    writeFileSync(join(directory, 'definitions/tsconfig.json'), tsconfig());
    for (const { id, example } of breakable) {
      for (const name of names) writeFileSync(fileOf(id, name), definitionText(example[name]));
    }
    const unformatted = refusal('biome', ['format', '--write', 'definitions'], directory);
    const refused = unformatted === '' ? typeErrors(directory) : unformatted;
    if (refused !== '') throw new Error(`an example is refused:\n${refused}`);
    return new Map(breakable.map(({ id }) => [id, { failing: read(id, 'failing'), mended: read(id, 'mended') }]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
