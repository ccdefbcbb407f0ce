/** What synth promises of any valid bottle, over generated routes. */

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import type { RouteEntry, RoutePlan } from '../../lib/plan/index.ts';
import { renderBottle } from '../../lib/render/index.ts';
import { planWith } from '../support/plans.ts';
import { suite } from '../support/suite.ts';

const test = suite('any valid bottle', { timeoutMs: 60_000 });

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const host = fc.tuple(label, label, label).map((labels) => labels.join('.'));
const route: fc.Arbitrary<RoutePlan> = fc.record({
  host,
  ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 3 }),
  tlsPassthrough: fc.boolean(),
  privateUpstream: fc.boolean(),
  webSocket: fc.boolean(),
});
const routes = fc.uniqueArray(route, { maxLength: 12, selector: (one) => one.host });

const planOf = (generated: readonly RoutePlan[]) =>
  planWith(['egress'], { egress: { path: 'demo/Sidecars/Egress', routes: generated, tokens: [] } });

const digest = (files: Readonly<Record<string, string>>): string =>
  createHash('sha256').update(JSON.stringify(files)).digest('hex');

test('renders the same bytes each time', () => {
  fc.assert(
    fc.property(routes, (generated) => {
      assert.is(digest(renderBottle(planOf(generated))), digest(renderBottle(planOf(generated))));
    }),
  );
});

test('hands every route to egress, and to pipelock no host but those of the routes', () => {
  fc.assert(
    fc.property(routes, (generated) => {
      const files = renderBottle(planOf(generated));
      const egress = parse(files['egress/routes.yaml'] ?? '') as { routes: readonly RouteEntry[] };
      const pipelock = parse(files['pipelock/pipelock.yaml'] ?? '') as { api_allowlist: readonly string[] };
      assert.equal(
        egress.routes.map(({ host: name, ports }) => ({ host: name, ports })),
        generated.map(({ host: name, ports }) => ({ host: name, ports })),
      );
      const hosts = generated.map(({ host: name }) => name);
      assert.equal(pipelock.api_allowlist, hosts.length === 0 ? ['nothing.invalid'] : hosts);
    }),
  );
});

test('whatever a literal of the agent holds, compose reads it back as it was', () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 40 });
  fc.assert(
    fc.property(value, (text) => {
      const plan = planOf([]);
      const agent = { ...plan.agent, env: [{ kind: 'literal' as const, name: 'NOTE', value: text }] };
      const compose = parse(renderBottle({ ...plan, agent })['compose.yaml'] ?? '') as {
        services: { agent: { environment: readonly string[] } };
      };
      const entry = compose.services.agent.environment.find((one) => one.startsWith('NOTE='));
      // What compose's interpolation does with a doubled dollar sign.
      assert.is(entry?.slice('NOTE='.length).replaceAll('$$', '$'), text);
    }),
  );
});

test.run();
