/** `docs/rules` is written from the rules and from their examples, which are run. Refresh it with UPDATE_GOLDEN=1. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Finding } from '../../../../lib/plan/index.ts';
import { RULE_CATALOG } from '../../../../lib/rules/index.ts';
import { suite } from '../../../support/suite.ts';
import { allExamples } from './all-examples.ts';
import { checkedDefinitions } from './checked-definitions.ts';
import { indexText, pageName, pageText, unbreakablePageText } from './page.ts';
import { findingsOfDefinition } from './synthesized.ts';

const test = suite('pages of rules', { timeoutMs: 60_000 });
const ROOT = join(import.meta.dirname, '../../../..');
const FOLDER = join(ROOT, 'docs/rules');
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';
const RULES = RULE_CATALOG.flatMap(({ rules }) => rules);
const EXAMPLES = await allExamples();
const DEFINITIONS = checkedDefinitions(EXAMPLES);

const shown = (findings: readonly Finding[]): string =>
  findings.map(({ rule, message }) => `${rule}: ${message}`).join('\n');

/** Fails, saying `what`, if `known` lacks one of `ids`. */
function assertKnown(ids: Iterable<string>, known: { has(id: string): boolean }, what: string): void {
  const lacking = [...ids].filter((id) => !known.has(id));
  assert.is(lacking.length, 0, `${what}: ${lacking.join(', ')}`);
}

/** Every id of ours that the product's code can put into a finding. */
function idsInCode(): readonly string[] {
  const files = ['lib', 'constructs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(ROOT, folder, name)),
  );
  const code = files.map((file) => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));
  return [...new Set(code.flatMap((text) => text.match(/(?<=['"`])bottles::[a-z0-9-]+(?=['"`])/g) ?? []))];
}

function compare(name: string, wanted: string): void {
  const file = join(FOLDER, name);
  if (UPDATE) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, wanted);
  }
  assert.ok(existsSync(file), `docs/rules/${name} is missing; run the test with UPDATE_GOLDEN=1`);
  assert.fixture(readFileSync(file, 'utf8'), wanted, `docs/rules/${name}; refresh it with UPDATE_GOLDEN=1`);
}

test('every rule has an example, and no example is for a rule that is gone', () => {
  const ids = RULES.map(({ id }) => id);
  assertKnown(ids, EXAMPLES, 'rules without an example in test/unit/rules/examples');
  assertKnown(EXAMPLES.keys(), new Set(ids), 'examples of no rule');
});

test('every finding of ours that the code can report has a page', () => {
  const ids = new Set<string>(RULES.map(({ id }) => id));
  assertKnown(idsInCode(), ids, 'ids that lib/rules/catalog.ts does not know');
  assertKnown(ids, new Set(idsInCode()), 'ids that no code reports');
});

test('a rule is in the catalog once', () => {
  assert.is(new Set(RULES.map(({ id }) => id)).size, RULES.length);
});

for (const { title, rules } of RULE_CATALOG) {
  for (const rule of rules) {
    const definitions = DEFINITIONS.get(rule.id);
    const example = EXAMPLES.get(rule.id);
    if (example !== undefined && 'unbreakable' in example) {
      test(`the page of ${rule.id} says why no definition can break it`, () => {
        compare(pageName(rule), unbreakablePageText(rule, title, example.unbreakable));
      });
    }
    if (definitions === undefined) continue;
    test(`the page of ${rule.id} shows a definition that breaks it and a valid one that does not`, () => {
      const findings = findingsOfDefinition(definitions.failing);
      const own = findings.filter(({ rule: id }) => id === rule.id);
      assert.ok(own.length > 0, `the failing example of ${rule.id} has only these findings:\n${shown(findings)}`);
      const left = findingsOfDefinition(definitions.mended).filter(
        ({ rule: id, severity }) => id === rule.id || severity === 'error',
      );
      assert.is(shown(left), '', `the mended example of ${rule.id} still has findings`);
      compare(pageName(rule), pageText(rule, title, definitions, findings));
    });
  }
}

test('the index lists every rule, and every page is that of a rule', () => {
  compare('README.md', indexText(RULE_CATALOG));
  const known = new Set(['README.md', ...RULES.map(pageName)]);
  const stale = readdirSync(FOLDER).filter((name) => !known.has(name));
  if (UPDATE) for (const name of stale) rmSync(join(FOLDER, name));
  assert.equal(
    readdirSync(FOLDER).filter((name) => !known.has(name)),
    [],
  );
});

test.run();
