/** Random overrides: what a definition says with them never makes synth throw, and what is taken back leaves no trace. */

import { App, Bottle } from 'claude-bottle';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { judgeInput, lower } from '../../constructs/app.ts';
import { judge } from '../../lib/assembly/index.ts';
import type { RenderedBottle } from '../../lib/plan/index.ts';
import { renderedBottle } from '../../lib/render/index.ts';
import { checkDocuments } from '../../lib/rules/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('overrides by chance', { timeoutMs: 120_000 });

interface Loose {
  addOverride(path: unknown, value: unknown): void;
  addDeletionOverride(path: unknown): void;
  addJsonPatch(...operations: unknown[]): void;
}

type Call = (service: Loose) => void;

const KEYS = ['environment', 'volumes', 'ulimits', 'labels', 'tmpfs', 'networks', 'internal', 'user', 'read_only', '0'];
const ODD = [
  '-',
  '99',
  '',
  '__proto__',
  'constructor',
  'toString',
  'a/b',
  'm~n',
  'x\\',
  'claude-bottle\\.slug',
  '$',
  '\0',
];

const key = fc.oneof(fc.constantFrom(...KEYS), fc.constantFrom(...ODD), fc.string({ maxLength: 4 }));
const path = fc.array(key, { maxLength: 4 }).map((keys) => keys.join('.'));
const pointer = fc.array(key, { maxLength: 4 }).map((keys) => keys.map((one) => `/${one}`).join(''));
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.anything({
    maxDepth: 3,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  }),
  fc.constantFrom('$', '${HOME}', '$$', Symbol('x'), () => 1),
);
const operation = fc.oneof(
  fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path: fc.oneof(pointer, path),
      from: pointer,
      value,
    },
    { requiredKeys: ['op', 'path'] },
  ),
  value,
);
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(fc.oneof(path, value), value).map(
    ([at, what]): Call =>
      (service) =>
        service.addOverride(at, what),
  ),
  fc.oneof(path, value).map(
    (at): Call =>
      (service) =>
        service.addDeletionOverride(at),
  ),
  fc.array(operation, { maxLength: 3 }).map(
    (operations): Call =>
      (service) =>
        service.addJsonPatch(...operations),
  ),
);

/** The app's one bottle, judged and rendered. */
function rendered(change: (bottle: Bottle) => void, shape: 'bundle' | 'split' = 'bundle'): RenderedBottle {
  const app = new App();
  change(new Bottle(app, 'demo', { agent: {}, sidecars: { shape, supervise: true }, labels: { team: 'blue' } }));
  // As synth does it: what is malformed keeps a bottle from being rendered.
  judge(judgeInput(app));
  // And without that mercy.
  const { plans, locations } = lower(app, {});
  const [plan] = plans;
  if (plan === undefined) throw new Error('no plan');
  const bottle = renderedBottle(plan);
  checkDocuments(bottle, locations);
  return bottle;
}

const unsaid = JSON.stringify(rendered(() => {}).plain);

test('no override makes synth throw, and `plain` never knows of any', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 6 }), fc.array(call, { maxLength: 3 }), (agent, sidecars) => {
      const bottle = rendered((demo) => {
        for (const one of agent) one(demo.agent as never);
        for (const one of sidecars) one(demo.sidecars as never);
      });
      assert.is(JSON.stringify(bottle.plain), unsaid);
      for (const { labels } of Object.values(bottle.compose.services) as { labels?: Record<string, unknown> }[]) {
        assert.is(labels?.['claude-bottle.slug'], 'demo');
      }
      for (const { problem, pointers } of bottle.effects)
        assert.ok(problem === undefined || pointers.every((at) => at.startsWith('/services/')));
    }),
    { numRuns: 200 },
  );
});

test('nothing that JavaScript shares between objects is changed by any override', () => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort();
  fc.assert(
    fc.property(fc.array(call, { maxLength: 6 }), (calls) => {
      rendered((demo) => {
        for (const one of calls) one(demo.agent as never);
      });
      assert.equal(Object.getOwnPropertyNames(Object.prototype).sort(), before);
      assert.equal(Object.keys(Array.prototype), []);
    }),
    { numRuns: 100 },
  );
});

/** Keys that no service has, two of them below others. */
const FRESH = ['x', 'x-a', 'x-a.b', 'x-a.b.c', 'ulimits', 'ulimits.nofile', 'ulimits.nproc.soft', 'a\\.b.c'];

test('what is set and then deleted leaves the plain document, byte for byte, in any order of deletion', () => {
  const run = fc.record({
    sets: fc.array(fc.tuple(fc.constantFrom(...FRESH), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 6 }),
    shape: fc.constantFrom('bundle' as const, 'split' as const),
    seed: fc.shuffledSubarray(FRESH, { minLength: FRESH.length }),
  });
  const plain = { bundle: rendered(() => {}).plain, split: rendered(() => {}, 'split').plain };
  fc.assert(
    fc.property(run, ({ sets, shape, seed }) => {
      const { compose } = rendered(({ agent, sidecars }) => {
        for (const service of [agent, sidecars]) {
          for (const [at, what] of sets) service.addOverride(at, what);
          for (const at of seed) service.addDeletionOverride(at);
        }
      }, shape);
      assert.is(JSON.stringify(compose), JSON.stringify(plain[shape]));
    }),
    { numRuns: 120 },
  );
});

test('the same overrides give the same bytes', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 5 }), (calls) => {
      const text = (): string | undefined =>
        rendered((demo) => {
          for (const one of calls) one(demo.agent as never);
        }).files['compose.yaml'];
      assert.is(text(), text());
    }),
    { numRuns: 50 },
  );
});

test.run();
