/** The same plan is the same bytes: each time, in any environment, and read as YAML 1.1 or 1.2. */

import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import type { RoutePlan } from '../../../lib/plan/index.ts';
import { renderKubernetes } from '../../../lib/render/kubernetes/index.ts';
import { fullMatrix } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { everything, withAgent, withSidecars } from './plans.ts';
import { containerOf, IMAGES, manifestsOf, podOf } from './rendered.ts';

const test = suite('bytes of Kubernetes manifests', { timeoutMs: 60_000 });

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const route: fc.Arbitrary<RoutePlan> = fc.record({
  host: fc.tuple(label, label).map((labels) => labels.join('.')),
  ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 3 }),
  tlsPassthrough: fc.boolean(),
  privateUpstream: fc.boolean(),
  webSocket: fc.boolean(),
});
const plans = fc
  .record({
    routes: fc.uniqueArray(route, { maxLength: 6, selector: (one) => one.host }),
    value: fc.string({ unit: 'grapheme', maxLength: 30 }),
    slug: label,
  })
  .map(({ routes, value, slug }) => {
    const plan = withAgent(fullMatrix(), { env: [{ kind: 'literal', name: 'NOTE', value }] });
    return { ...withSidecars(plan, { egress: { path: 'x', routes, tokens: [] } }), slug };
  });

test('the same plan renders the same bytes', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const render = (): string => JSON.stringify(renderKubernetes(structuredClone(plan), { images: IMAGES }));
      assert.is(render(), render());
    }),
    { numRuns: 30 },
  );
});

test('a text of the definition is read back as it was, by either version of YAML', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const {
        env: [declared],
      } = plan.agent;
      const expected = declared?.kind === 'literal' ? declared.value.replaceAll('$', '$$$$') : undefined;
      const text = manifestsOf(plan).at(-1)?.text ?? '';
      assert.match(text, /\nkind: Deployment\n/);
      assert.equal(parse(text, { version: '1.2' }), parse(text, { version: '1.1' }));
      const { env = [] } = containerOf(podOf(manifestsOf(plan), 'agent'), 'agent');
      assert.is(env.find(({ name }) => name === 'NOTE')?.value, expected);
    }),
    { numRuns: 30 },
  );
});

test('what cdk8s reads from the environment changes nothing', () => {
  const names = [
    'CDK8S_DISABLE_SORT',
    'CDK8S_OUTDIR',
    'CDK8S_RECORD_CONSTRUCT_METADATA',
    'CDK8S_LEGACY_HASH',
    'TZ',
    'LANG',
  ];
  const plain = renderKubernetes(everything(), { images: IMAGES });
  const before = names.map((name) => [name, process.env[name]] as const);
  try {
    for (const name of names) process.env[name] = '1';
    assert.equal(Object.entries(renderKubernetes(everything(), { images: IMAGES })), Object.entries(plain));
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

test('the order in which maps of the plan were filled changes nothing', () => {
  const labels = (entries: readonly (readonly [string, string])[]) => ({
    ...fullMatrix(),
    labels: Object.fromEntries(entries),
  });
  const [a, b] = [
    ['a', '1'],
    ['b', '2'],
  ] as const;
  const files = (order: readonly (readonly [string, string])[]) => renderKubernetes(labels(order), { images: IMAGES });
  assert.equal(files([a, b]), files([b, a]));
});

test('no name of this machine, no time and no path of the host but what the definition spells is in it', () => {
  const text = Object.values(renderKubernetes(everything(), { images: IMAGES })).join('');
  assert.not.match(text, new RegExp(process.cwd()));
  assert.not.match(text, /id_ed25519|certs\/corp\.pem|creationTimestamp/);
});

test.run();
