import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { bottle, ROOT } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bottle --help', { timeoutMs: 60_000 });

/** Rows of the tables of the reference, each as its cells. */
const rows = readFileSync(join(ROOT, 'docs/reference/cli.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

interface OptionRow {
  readonly options: readonly string[];
  readonly verbs: readonly string[];
}

const optionRows: readonly OptionRow[] = rows.flatMap(([, name = '', verbs = '']) => {
  const options = [...name.matchAll(/(?<![\w-])--[a-z-]+/g)].map(([option]) => option);
  return options.length === 0 ? [] : [{ options, verbs: verbs.split(',').map((verb) => verb.trim()) }];
});

/** Long options in a help text. */
const optionsIn = (help: string): readonly string[] =>
  [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option ?? '').filter((o) => o !== '--help');

async function helpOf(...words: readonly string[]): Promise<string> {
  const { exitCode, stdout } = await bottle(ROOT, [...words, '--help']);
  assert.is(exitCode, 0);
  return stdout;
}

const verbs = [...(await helpOf()).matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, verb]) => verb ?? '');

test('the help lists the verbs, each of which the reference names, and no other', () => {
  assert.ok(verbs.includes('allow') && verbs.includes('supervise'), verbs.join());
  const named = rows.flatMap(([, name = '']) => /^`([a-z]+)`$/.exec(name)?.[1] ?? []);
  assert.equal(named, verbs);
});

test('the reference gives options to verbs that there are', () => {
  for (const row of optionRows) {
    for (const verb of row.verbs) assert.ok(verb === 'all' || verbs.includes(verb), `${row.options}: ${verb}`);
  }
});

for (const verb of verbs) {
  test(`the reference and the help of ${verb} name the same options`, async () => {
    const mine = optionRows.filter((row) => row.verbs.some((one) => one === verb || one === 'all'));
    const documented = mine.flatMap(({ options }) => options).sort();
    const options = [...optionsIn(await helpOf(verb))].sort();
    assert.ok(options.length >= 2, options.join());
    assert.equal(documented, options);
  });
}

test.run();
