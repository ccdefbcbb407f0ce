/**
 * What synth promises of any valid app, over generated definitions.
 *
 * FC_RUNS=1000 npm run -s test:run -- test/property/any-app.test.ts   for a longer search than by default
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { judgeInput, lower } from '../../constructs/app.ts';
import { treeOf } from '../../constructs/tree.ts';
import { type Assembly, readTree, synthesize } from '../../lib/assembly/index.ts';
import { type BottlePlan, dottedKeys, tokenSlotName } from '../../lib/plan/index.ts';
import { renderedBottle } from '../../lib/render/index.ts';
import { checkDocuments } from '../../lib/rules/index.ts';
import { acknowledgeable, anyApp, anyContext, appFrom, type BottleRecipe } from '../support/any-app.ts';
import { differences } from '../support/differences.ts';
import { fieldsIn, NEVER_VALID, PLAN_FIELDS } from '../support/plan-fields.ts';
import { inFiles, NOT_IN_FILES, readBack } from '../support/read-back.ts';
import { plainText, type WrittenCompose } from '../support/read-compose.ts';
import { runs } from '../support/runs.ts';
import { suite } from '../support/suite.ts';

const test = suite('any valid app', { timeoutMs: 3_600_000 });

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-any-app-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

type Context = Readonly<Record<string, unknown>>;

interface Synthesized {
  readonly plans: readonly BottlePlan[];
  readonly assembly: Assembly;
}

/** As `app.synth()` does it, but that the plans can be seen. */
function synthesized(recipes: readonly BottleRecipe[], context: Context = {}): Synthesized {
  const app = appFrom(recipes, context);
  const input = judgeInput(app);
  const outdir = join(scratch, 'dist');
  return { plans: input.plans, assembly: synthesize({ ...input, tree: treeOf(app), outdir }) };
}

const slugOf = ({ id, ownSlug }: BottleRecipe, { suffix = '' }: Context): string =>
  [ownSlug ? `own-${id}` : id, ...(suffix === '' ? [] : [suffix])].join('-');

test('synthesizes without an error, whatever it declares and however it is declared', () => {
  fc.assert(
    fc.property(anyApp, anyContext, (recipes, context) => {
      const { assembly } = synthesized(recipes, context);
      assert.equal(Object.keys(assembly.manifest.bottles), recipes.map((recipe) => slugOf(recipe, context)).sort());
      const acknowledged = recipes.flatMap((recipe) => (recipe.acknowledges ? acknowledgeable(recipe) : []));
      assert.is(assembly.report.acknowledgements.length, acknowledged.length);
      const left = assembly.findings.filter((finding) => finding.acknowledged === undefined).map(({ rule }) => rule);
      assert.not.ok(left.includes('bottles::acknowledgement-unused'));
      if (recipes.every(({ acknowledges }) => acknowledges)) {
        assert.not.ok(
          recipes.flatMap(acknowledgeable).some((rule) => left.includes(rule)),
          left.join(),
        );
      }
    }),
    runs(50),
  );
});

test('no rule over the documents fires on what synth itself writes, nor on a harmless override', () => {
  fc.assert(
    fc.property(anyApp, (recipes) => {
      const { plans, locations } = lower(appFrom(recipes), {});
      assert.equal(
        plans.flatMap((plan) => checkDocuments(renderedBottle(plan), locations)),
        [],
      );
    }),
    runs(50),
  );
});

test('its plan can be read back from its files', () => {
  const plainly = anyApp.map((recipes) => recipes.map((recipe) => ({ ...recipe, overrides: [] })));
  fc.assert(
    fc.property(plainly, anyContext, (recipes, context) => {
      const { plans, assembly } = synthesized(recipes, context);
      const tree = readTree(assembly.outdir)?.tree;
      if (tree === undefined) throw new Error('no tree.json');
      for (const plan of plans) {
        const bottle = assembly.manifest.bottles[plan.slug];
        if (bottle === undefined) throw new Error(`no ${plan.slug} in the manifest`);
        const read = readBack(assembly.outdir, plan.slug, { bottle, tree });
        assert.is(differences(read, inFiles(plan)).join('\n'), '');
      }
    }),
    runs(60),
  );
});

test('every field that a plan can have is generated and so read back, or there is a reason', () => {
  // One seed: whether a rare field comes up is no matter of luck.
  const plans = fc.sample(anyApp, { numRuns: 150, seed: 1 }).flatMap((recipes) => lower(appFrom(recipes), {}).plans);
  const generated = new Set(plans.flatMap((plan) => fieldsIn(plan)));
  const reasons = { ...NOT_IN_FILES, ...NEVER_VALID };
  assert.is(PLAN_FIELDS.filter((field) => !generated.has(field) && !(field in reasons)).join(), '');
  assert.is([...generated].filter((field) => !PLAN_FIELDS.includes(field)).join(), '');
  assert.is(
    Object.keys(reasons)
      .filter((field) => !PLAN_FIELDS.includes(field))
      .join(),
    '',
  );
});

const composeOf = (plan: BottlePlan): WrittenCompose =>
  parse(renderedBottle(plan).files['compose.yaml'] ?? '') as WrittenCompose;

test('its credentials are in its compose file by slot alone, in one service', () => {
  fc.assert(
    fc.property(anyApp, (recipes) => {
      for (const plan of lower(appFrom(recipes), {}).plans) {
        const tokens = Object.values(composeOf(plan).services).flatMap(({ environment }) =>
          environment.filter((entry) => entry.startsWith('EGRESS_TOKEN_')),
        );
        const expected = (plan.sidecars.egress?.tokens ?? []).map((_, slot) => tokenSlotName(slot));
        assert.equal(tokens, expected);
      }
    }),
    runs(50),
  );
});

/** What is at `path` below `value`. */
const at = (value: unknown, path: string): unknown =>
  (dottedKeys(path) ?? []).reduce<unknown>((holder, key) => Object(holder)[key], value);

const plainly = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, one: unknown) => (typeof one === 'string' ? plainText(one) : one));

test('its overrides are in its compose file as they were given, and in the manifest by kind and path', () => {
  fc.assert(
    fc.property(anyApp, (recipes) => {
      const { plans, assembly } = synthesized(recipes);
      for (const recipe of recipes) {
        const { overrides } = recipe;
        const plan = plans.find(({ slug }) => slug === slugOf(recipe, {}));
        if (plan === undefined) throw new Error('no plan');
        const { services } = composeOf(plan);
        for (const { on, path, value } of overrides) {
          for (const [name, service] of Object.entries(services)) {
            if ((name === 'agent') === (on === 'agent')) assert.equal(plainly(at(service, path)), value, path);
          }
        }
        const order = ({ on }: { readonly on: string }): number => (on === 'agent' ? 0 : 1);
        assert.equal(
          assembly.manifest.bottles[plan.slug]?.overrides,
          [...overrides]
            .sort((a, b) => order(a) - order(b))
            .map(({ on, path }) => ({ service: on, kind: 'set', paths: [path] })),
        );
      }
    }),
    runs(40),
  );
});

const turned = <T extends object>(record: T): T => Object.fromEntries(Object.entries(record).reverse()) as T;

const OTHER_ORDER = {
  props: 'props',
  children: 'children, sidecars first',
  'children, sidecars first': 'children',
} as const;

const backwards = <T>(list: readonly T[] | undefined): readonly T[] => [...(list ?? [])].reverse();

/** `record` with those of its `lists` that are there the other way round. */
const withBackwards = <T extends object>(record: T, ...lists: readonly (keyof T)[]): T => {
  const there = lists.filter((key) => Array.isArray(record[key]));
  return turned({ ...record, ...Object.fromEntries(there.map((key) => [key, backwards(record[key] as [])])) });
};

/** The same app with everything whose order means nothing the other way round. */
const reversed = (recipes: readonly BottleRecipe[]): readonly BottleRecipe[] =>
  recipes
    .map((recipe) => ({
      ...turned(recipe),
      parts: OTHER_ORDER[recipe.parts],
      labels: turned(recipe.labels),
      env: turned(recipe.env),
      hostEnv: [...recipe.hostEnv].reverse(),
      asked: turned(recipe.asked),
      agent: withBackwards(recipe.agent, 'skills'),
      sidecars: turned({
        ...recipe.sidecars,
        ...(recipe.sidecars.pipelock === undefined
          ? {}
          : { pipelock: withBackwards(recipe.sidecars.pipelock, 'allow') }),
      }),
      routes: recipe.routes.map(({ options, ...route }) =>
        turned({ ...route, options: withBackwards(options, 'methods', 'pathPrefixes', 'ports') }),
      ),
      remotes: recipe.remotes.map(({ options, ...remote }) =>
        turned({ ...remote, options: withBackwards(options, 'branches', 'protectedPaths') }),
      ),
    }))
    .reverse();

test('the order of bottles, parts, keys, variables, labels, and of what is a set, changes no byte', () => {
  const written = (recipes: readonly BottleRecipe[]): string => JSON.stringify(synthesized(recipes).assembly.manifest);
  fc.assert(
    fc.property(anyApp, (recipes) => {
      assert.is(written(reversed(recipes)), written(recipes));
    }),
    runs(50),
  );
});

test.run();
