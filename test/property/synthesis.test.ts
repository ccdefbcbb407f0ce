/** What synth promises of any valid bottle, over generated routes. */

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { agentUrls, type RouteEntry, type RoutePlan, SHAPES } from '../../lib/plan/index.ts';
import { renderBottle } from '../../lib/render/index.ts';
import { DAEMON_SUBSETS, exposed, planWith } from '../support/plans.ts';
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

/** The containers of a rendered bottle, by the networks that they are on. */
interface Topology {
  readonly services: Readonly<
    Record<string, { readonly networks: Record<string, { aliases: string[] } | null>; readonly environment: string[] }>
  >;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

const split = { shape: 'split' } as const;
const anyBottle = fc.record({
  daemons: fc.constantFrom(...DAEMON_SUBSETS),
  isExposed: fc.boolean(),
  shape: fc.constantFrom(...SHAPES),
});

test('in either shape, the agent shares a network with the daemons that are for it, by the names that it is told', () => {
  fc.assert(
    fc.property(anyBottle, ({ daemons, isExposed, shape }) => {
      const plan = planWith(daemons, { ...(isExposed ? exposed(daemons) : {}), shape });
      const { services, networks } = parse(renderBottle(plan)['compose.yaml'] ?? '') as Topology;
      assert.equal(Object.keys(services['agent']?.networks ?? {}), ['internal']);
      const known = Object.entries(services).flatMap(([name, service]) => {
        const place = service.networks['internal'];
        return name === 'agent' || place === undefined ? [] : (place?.aliases ?? [name]);
      });
      for (const { url } of agentUrls(plan)) assert.ok(known.includes(new URL(url).hostname), url);
      const inner = daemons.includes('egress') && !isExposed;
      if (shape === 'split') assert.is(known.includes('pipelock'), !inner);
      // Nobody but pipelock, git-gate or the bundle has a way out, and no isolated network is one.
      const outward = Object.keys(networks).filter((name) => networks[name]?.internal !== true);
      assert.equal(outward, ['egress']);
      const leaving = Object.keys(services).filter((name) => 'egress' in (services[name]?.networks ?? {}));
      const allowed = shape === 'bundle' ? ['sidecars'] : ['pipelock', 'git-gate'];
      assert.ok(leaving.length > 0 && leaving.every((name) => allowed.includes(name)));
      const holders = Object.keys(services).filter((name) =>
        services[name]?.environment.some((entry) => entry.startsWith('EGRESS_TOKEN_')),
      );
      const holder = shape === 'bundle' ? 'sidecars' : 'egress';
      assert.equal(holders, daemons.includes('egress') ? [holder] : []);
    }),
  );
});

test('in either shape, egress and pipelock get the same routes and the same allowlist', () => {
  fc.assert(
    fc.property(routes, (generated) => {
      const policy = (shape: object): unknown[] => {
        const plan = planOf(generated);
        const files = renderBottle({ ...plan, sidecars: { ...plan.sidecars, ...shape } });
        const egress = parse(files['egress/routes.yaml'] ?? '') as object;
        const pipelock = parse(files['pipelock/pipelock.yaml'] ?? '') as object;
        return [
          { ...egress, listen: '' },
          { ...pipelock, fetch_proxy: '' },
        ];
      };
      assert.equal(policy(split), policy({}));
    }),
  );
});

test.run();
