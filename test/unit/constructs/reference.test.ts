/** docs/reference/definition.md leaves nothing out that a definition can say, and examples/README.md no example. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ROOT } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('reference of the definition');

const PAGE = readFileSync(join(ROOT, 'docs/reference/definition.md'), 'utf8');

/** Members of the interfaces that a definition fills in: `…Props`, `…Options`, and `Resources`. */
function membersOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'constructs', file), 'utf8');
  return [...text.matchAll(/^export interface (?:\w+Props|\w+Options|Resources) \{\n([\s\S]*?)^\}/gm)].flatMap(
    ([, body = '']) => [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = '']) => name),
  );
}

const DECLARED = readdirSync(join(ROOT, 'constructs')).flatMap((file) =>
  // Options of aspects are on the page of the escape hatches.
  file === 'aspects.ts' ? [] : membersOf(file).map((name) => ({ file, name })),
);

test('there are properties to look for', () => {
  assert.ok(DECLARED.length > 40, String(DECLARED.length));
});

for (const { file, name } of DECLARED) {
  test(`${name} of ${file} is in a table with its default`, () => {
    const row = PAGE.split('\n').find((line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${name}\``));
    assert.ok(row, `no row for ${name}`);
    assert.is.not(row?.split('|')[2]?.trim(), '');
  });
}

test('each example is in the table of examples', () => {
  const table = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
  for (const entry of readdirSync(join(ROOT, 'examples'), { withFileTypes: true })) {
    if (entry.isDirectory()) assert.match(table, `| [${entry.name}](`);
  }
});

test.run();
