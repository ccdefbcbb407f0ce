/**
 * Whatever the app is: one bad edit of its definition is found, where it was made, and an error writes nothing.
 *
 * FC_RUNS=20 npm run -s test:run -- test/property/bad-definitions.test.ts   for 20 apps an edit instead of one
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Aspects, SynthError } from 'claude-bottle';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { judgeInput } from '../../constructs/app.ts';
import { synthesize } from '../../lib/assembly/index.ts';
import type { Finding } from '../../lib/plan/index.ts';
import { RULE_CATALOG } from '../../lib/rules/catalog.ts';
import { anyApp } from '../support/any-app.ts';
import { BAD_DEFINITIONS, type BadDefinition } from '../support/bad-definitions.ts';
import { BAD_DOCUMENT_EDITS } from '../support/bad-document-edits.ts';
import { BAD_EDITS } from '../support/bad-edits.ts';
import { editedApp } from '../support/edited-app.ts';
import { runs } from '../support/runs.ts';
import { suite } from '../support/suite.ts';
import { allExamples } from '../unit/rules/pages/all-examples.ts';

const test = suite('any bad edit of any valid app', { timeoutMs: 3_600_000 });

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-bad-definitions-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

/** An app and one of its bottles. */
const anyBottle = anyApp.chain((recipes) =>
  fc.record({ recipes: fc.constant(recipes), index: fc.nat({ max: recipes.length - 1 }) }),
);

/** What synth says of `app`, which it writes if nothing is an error. */
function findingsOf(app: App): readonly Finding[] {
  try {
    const { findings } = synthesize({ ...judgeInput(app), outdir: join(scratch, 'dist') });
    return findings;
  } catch (error) {
    if (error instanceof SynthError) return error.findings;
    throw error;
  }
}

const shown = (findings: readonly Finding[]): string =>
  findings.map(({ rule, severity, path, message }) => `${severity} ${rule} at '${path}': ${message}`).join('\n');

function assertFound({ rule, severity }: BadDefinition, path: string, findings: readonly Finding[]): void {
  const own = findings.find((one) => one.rule === rule && one.path === path && one.severity === severity);
  assert.ok(own, `no ${severity} ${rule} at '${path}', only:\n${shown(findings)}`);
  assert.is(own?.acknowledged, undefined);
  assert.not.match(shown(findings), /hunter2|ghp_a/, 'a message shows a secret');
}

for (const severity of ['error', 'warning'] as const) {
  const edits = BAD_DEFINITIONS.filter((bad) => bad.severity === severity);

  test(`each of ${edits.length} edits that are ${severity}s is found at its construct, in any app`, () => {
    for (const bad of edits) {
      assertForAll(
        bad,
        fc.property(anyBottle, ({ recipes, index }) => {
          const { app, path } = editedApp(recipes, index, bad);
          const findings = findingsOf(app);
          assertFound(bad, path, findings);
          if (severity === 'warning') assert.is(shown(findings.filter((one) => one.severity === 'error')), '');
        }),
      );
    }
  });
}

/** As `fc.assert`, with the edit at the head of the report. */
function assertForAll<T>(bad: BadDefinition, property: fc.IProperty<T>): void {
  const details = fc.check(property, runs(1));
  if (details.failed) throw new Error(`${bad.name} (${bad.rule}): ${fc.defaultReportMessage(details)}`);
}

const anyBad = (severity: BadDefinition['severity']): fc.Arbitrary<BadDefinition> =>
  fc.constantFrom(...BAD_DEFINITIONS.filter((bad) => bad.severity === severity));

const entries = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();

test('an edit that is an error writes nothing, neither into an output directory that is there nor a new one', () => {
  const fresh = join(scratch, 'fresh');
  const kept = join(scratch, 'kept');
  mkdirSync(kept);
  writeFileSync(join(kept, 'manifest.json'), 'the last good one');
  const before = entries(scratch);
  fc.assert(
    fc.property(anyBottle, anyBad('error'), ({ recipes, index }, bad) => {
      const { app, path } = editedApp(recipes, index, bad);
      const input = judgeInput(app);
      for (const outdir of [fresh, kept]) {
        try {
          synthesize({ ...input, outdir });
          assert.unreachable(`${bad.name} was synthesized`);
        } catch (error) {
          if (!(error instanceof SynthError)) throw error;
          assertFound(bad, path, error.findings);
        }
        assert.equal(entries(scratch), before);
      }
      assert.not.ok(existsSync(fresh));
    }),
    runs(40),
  );
});

test('a bad call by an aspect of the app, after everything else, is found as one of the definition is', () => {
  const called = BAD_DEFINITIONS.filter(({ call, edit }) => call !== undefined && edit === undefined);
  fc.assert(
    fc.property(anyBottle, fc.constantFrom(...called), ({ recipes, index }, bad) => {
      const { call, ...rest } = bad;
      const { app, path, bottle } = editedApp(recipes, index, rest);
      let asked = false;
      const visit = (): void => {
        if (!asked) call?.(bottle, app);
        asked = true;
      };
      Aspects.of(app).add({ visit }, { priority: 10_000 });
      assertFound(bad, path, findingsOf(app));
    }),
    runs(40),
  );
});

test('every rule that there is has a bad edit, or a reason for which no edit breaks it', async () => {
  const edited = new Set<string>([...BAD_DEFINITIONS, ...BAD_EDITS, ...BAD_DOCUMENT_EDITS].map(({ rule }) => rule));
  const examples = await allExamples();
  const rules = RULE_CATALOG.flatMap((family) => family.rules);
  const lacking = rules.filter(({ id }) => {
    const example = examples.get(id);
    const unbreakable = example !== undefined && 'unbreakable' in example && example.unbreakable.length > 20;
    return !edited.has(id) && !unbreakable;
  });
  assert.is(lacking.map(({ id }) => id).join(), '');
  for (const { rule, severity } of BAD_DEFINITIONS) {
    const known = rules.find(({ id }) => id === rule);
    if (rule.startsWith('bottles::')) assert.is(known?.severity, severity, `${rule} has another severity, or is gone`);
  }
});

test('the list of bad edits is long, and none is in it twice', () => {
  const names = BAD_DEFINITIONS.map(({ name, rule, at }) => `${rule} ${at} ${name}`);
  assert.is(names.filter((name, index) => names.indexOf(name) !== index).join(), '');
  assert.ok(names.length >= 150);
});

test.run();
