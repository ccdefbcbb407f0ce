/**
 * Whatever the app is: a bad edit of a rendered document is found, by whatever way a definition can make it.
 *
 * FC_RUNS=20 npm run -s test:run -- test/property/bad-documents.test.ts   for 20 apps an edit instead of one
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, type App, Aspects, Bottle, type SidecarBundle, SynthError } from 'claude-bottle';
import fc from 'fast-check';
import { createPatch } from 'rfc6902';
import * as assert from 'uvu/assert';
import { judgeInput, lower } from '../../constructs/app.ts';
import { synthesize } from '../../lib/assembly/index.ts';
import { AGENT_SERVICE, type ComposeService, type Finding, type RenderedBottle } from '../../lib/plan/index.ts';
import { renderedBottle } from '../../lib/render/index.ts';
import { checkDocuments } from '../../lib/rules/index.ts';
import { anyApp, appFrom, type BottleRecipe } from '../support/any-app.ts';
import { BAD_DOCUMENT_EDITS } from '../support/bad-document-edits.ts';
import { BAD_EDITS, type BadEdit } from '../support/bad-edits.ts';
import { runs } from '../support/runs.ts';
import { suite } from '../support/suite.ts';
import { edited } from '../unit/topology/documents.ts';

const test = suite('any bad edit of the documents of any valid app', { timeoutMs: 3_600_000 });

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-bad-documents-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

/** A definition's ways to a rendered document. */
const WAYS = ['addOverride', 'addJsonPatch', 'addOverride by an aspect', 'addJsonPatch by an aspect'] as const;

const shown = (findings: readonly Finding[]): string =>
  findings.map(({ rule, severity, path, message }) => `${severity} ${rule} at '${path}': ${message}`).join('\n');

/** A service as overrides find it: our labels come after them. */
function withoutOurLabels({ labels, ...service }: ComposeService): Record<string, unknown> {
  const own = Object.entries((labels ?? {}) as object).filter(([name]) => !name.startsWith('claude-bottle.'));
  return structuredClone(own.length === 0 ? service : { ...service, labels: Object.fromEntries(own) });
}

/** The one bottle of an app, without overrides of its own: what an edit changes there is the edit's. */
function recipeFor([recipe]: readonly BottleRecipe[], shape?: 'bundle'): BottleRecipe {
  if (recipe === undefined) throw new Error('no recipe');
  const sidecars = shape === undefined ? recipe.sidecars : { ...recipe.sidecars, shape };
  return { ...recipe, sidecars, overrides: [] };
}

function renderedOf(recipe: BottleRecipe): RenderedBottle {
  const [plan] = lower(appFrom([recipe]), {}).plans;
  if (plan === undefined) throw new Error('no plan');
  return renderedBottle(plan);
}

/** The call that makes `bad` of the service as it is without it. */
function callOf(recipe: BottleRecipe, { on, edit, override }: BadEdit, patched: boolean) {
  if (!patched && override !== undefined) {
    return (node: Agent | SidecarBundle): void => node.addOverride(override.path, override.value);
  }
  const plain = renderedOf(recipe).plain.services[on];
  if (plain === undefined) throw new Error(`no service ${on}`);
  const before = withoutOurLabels(plain);
  const operations = createPatch(before, edit(structuredClone(before)));
  return (node: Agent | SidecarBundle): void => node.addJsonPatch(...(operations as never[]));
}

function bottleOf(app: App): Bottle {
  const bottle = app.node.findAll().find((node) => node instanceof Bottle);
  if (bottle === undefined) throw new Error('no bottle');
  return bottle;
}

/** Behind egress, and not exposed: pipelock is an inner hop there. */
const withInnerHop = (recipe: BottleRecipe): BottleRecipe => ({
  ...recipe,
  routes: [...recipe.routes, { host: 'inner.example', options: {} }],
  sidecars: { ...recipe.sidecars, pipelock: {} },
});

const withReadOnlyRoot = ({ agent: { readOnlyRoot: _, ...agent }, ...recipe }: BottleRecipe): BottleRecipe => ({
  ...recipe,
  agent,
});

/** By rule: what an edit would change nothing without, since the definition says it already. */
const PREPARED: Readonly<Record<string, (recipe: BottleRecipe) => BottleRecipe>> = {
  'bottles::agent-reaches-inner-hop': withInnerHop,
  'bottles::name-leads-elsewhere': withInnerHop,
  'bottles::sidecar-environment': withInnerHop,
  'bottles::writable-root': withReadOnlyRoot,
};

/** The app of `recipes` with `bad` made to its first bottle. */
function appWith(recipes: readonly BottleRecipe[], bad: BadEdit, way: (typeof WAYS)[number]): App {
  const patched = way.startsWith('addJsonPatch') || bad.override === undefined;
  const given = recipeFor(recipes, patched && bad.on === 'sidecars' ? 'bundle' : undefined);
  const recipe = PREPARED[bad.rule]?.(given) ?? given;
  const call = callOf(recipe, bad, patched);
  const app = appFrom([recipe]);
  const bottle = bottleOf(app);
  if (way.endsWith('aspect')) {
    const visit = (node: unknown): void => {
      if (node === bottle[bad.on]) call(bottle[bad.on]);
    };
    Aspects.of(app).add({ visit }, { priority: 10_000 });
  } else call(bottle[bad.on]);
  return app;
}

/** An override cannot set what is ours among the labels, nor make a list of them, and says so itself. */
const expectedRules = ({ rule }: BadEdit): readonly string[] =>
  rule === 'bottles::label-reserved' ? ['bottles::override-reserved-label', 'bottles::override-applies'] : [rule];

/** What a `$` in an override means is a dollar sign: nothing is interpolated there. */
const LITERAL = ['bottles::interpolated-text'];
const dropsLabels = ({ rule, name }: BadEdit): boolean => rule === 'bottles::label-reserved' && name === 'no labels';
/** Made of the names of one bottle, or of a variable as compose would read it. */
const ofOneBottle = ({ name }: BadEdit): boolean => name.includes('demo-abc12') || name.includes('${');

const EDITS = BAD_EDITS.filter((bad) => !LITERAL.includes(bad.rule) && !dropsLabels(bad) && !ofOneBottle(bad));

for (const on of ['agent', 'sidecars'] as const) {
  const edits = EDITS.filter((bad) => bad.on === on);

  test(`each of ${edits.length} edits of ${on} is found, by an override, a patch or an aspect`, () => {
    for (const bad of edits) {
      const details = fc.check(
        fc.property(anyApp, fc.constantFrom(...WAYS), (recipes, way) => {
          const outdir = join(scratch, 'dist');
          let findings: readonly Finding[];
          let isError = true;
          try {
            findings = synthesize({ ...judgeInput(appWith(recipes, bad, way)), outdir }).findings;
            isError = false;
            rmSync(outdir, { recursive: true, force: true });
          } catch (error) {
            if (!(error instanceof SynthError)) throw error;
            findings = error.findings;
          }
          const own = findings.find(
            ({ rule, artifact }) => expectedRules(bad).includes(rule) && artifact !== undefined,
          );
          assert.ok(own, `no ${bad.rule}, only:\n${shown(findings)}`);
          assert.is(own?.severity === 'error' ? isError : true, true);
          assert.not.ok(existsSync(outdir));
          assert.not.match(shown(findings), /hunter2|ghp_a/, 'a message shows a secret');
        }),
        runs(1),
      );
      if (details.failed) throw new Error(`${bad.name} (${bad.rule}): ${fc.defaultReportMessage(details)}`);
    }
  });
}

test('each edit outside of the services, which only a fault of synth could make, is found in any app', () => {
  for (const { name, edit, rule } of BAD_DOCUMENT_EDITS) {
    fc.assert(
      fc.property(anyApp, (recipes) => {
        const plan = renderedOf(recipeFor(recipes)).plan;
        const findings = checkDocuments(
          edited(plan, (_, document) => edit(document)),
          new Map(),
        );
        assert.ok(
          findings.some((finding) => finding.rule === rule),
          `${name}: no ${rule}, only:\n${shown(findings)}`,
        );
      }),
      runs(1),
    );
  }
});

test('most of the bad edits are edits of any app', () => {
  assert.ok(EDITS.length > BAD_EDITS.length * 0.9, `${EDITS.length} of ${BAD_EDITS.length}`);
  assert.ok(EDITS.some(({ on }) => on === AGENT_SERVICE));
});

test.run();
