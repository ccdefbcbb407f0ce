/** `docs/reference/rules.md` is written from the code. Refresh it with UPDATE_GOLDEN=1. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { SHAPE_RULES } from '../../../lib/plan/lower/index.ts';
import { RULES } from '../../../lib/rules/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('rules reference');
const FILE = join(import.meta.dirname, '../../../docs/reference/rules.md');
const START = '<!-- rules -->\n';

const generated = (): string =>
  RULES.map(
    ({ id, severity, what, why, fix }) => `### \`${id}\`\n\n${severity}: ${what}.\n\n- Why: ${why}.\n- Fix: ${fix}.\n`,
  ).join('\n');

test('every rule is documented as it is in the code', () => {
  const page = readFileSync(FILE, 'utf8');
  const at = page.indexOf(START) + START.length;
  assert.ok(at > START.length, 'the page has lost its mark');
  const wanted = `${page.slice(0, at)}\n${generated()}`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(FILE, wanted);
  assert.fixture(readFileSync(FILE, 'utf8'), wanted);
});

test('every finding of lowering is documented', () => {
  const page = readFileSync(FILE, 'utf8');
  for (const id of Object.values(SHAPE_RULES)) assert.ok(page.includes(`| \`${id}\``), id);
});

test.run();
