/** What synth promises of any valid app, over generated definitions. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { lower } from '../../constructs/app.ts';
import { synthesize } from '../../lib/assembly/index.ts';
import {
  type BottlePlan,
  type EnvPlan,
  type GitGateFile,
  type MountPlan,
  type RoutesFile,
  tokenSlotName,
} from '../../lib/plan/index.ts';
import { renderedBottle } from '../../lib/render/index.ts';
import { checkDocuments, checkPlans } from '../../lib/rules/index.ts';
import { anyApp, appFrom, type BottleRecipe } from '../support/any-app.ts';
import { PROJECT } from '../support/project.ts';
import { suite } from '../support/suite.ts';

const test = suite('any valid app', { timeoutMs: 120_000 });

const plansOf = (recipes: readonly BottleRecipe[]): readonly BottlePlan[] => lower(appFrom(recipes), {}).plans;

interface Service {
  readonly environment: readonly string[];
  readonly volumes: readonly Record<string, unknown>[];
  readonly labels: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly user?: string;
  readonly runtime?: string;
  readonly mem_limit: string;
  readonly pids_limit: number;
  readonly cpus?: number;
}

/** Compose's escape of a dollar sign undone. */
const plain = (text: string): string => text.replaceAll('$$', '$');

const plainValues = (record: Readonly<Record<string, string>>): object =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, plain(value)]));

function variableOf(entry: string): EnvPlan {
  const [, name = '', from, value = ''] = /^([^=]+)(?:=\$\{([^}]+)\}$|=(.*))?$/s.exec(entry) ?? [];
  if (from !== undefined || !entry.includes('=')) return { kind: 'host', name, from: from ?? name };
  return { kind: 'literal', name, value: plain(value) };
}

function mountOf(volume: Readonly<Record<string, unknown>>): MountPlan {
  const target = plain(String(volume['target']));
  const source = plain(String(volume['source']));
  if (volume['type'] === 'tmpfs') return { kind: 'tmpfs', target, ...(volume['tmpfs'] as { size: string }) };
  if (volume['type'] === 'volume') return { kind: 'volume', name: source.replace(/^user-/, ''), target };
  const spelled = source.replace(/^\$\{CLAUDE_BOTTLE_PROJECT_DIR:\?\}\//, '');
  return { kind: 'bind', source: spelled, target, readOnly: volume['read_only'] === true };
}

/** What of `items`, a service's list, the definition declared: those whose key is one of `keys`. */
const declared = <T>(items: readonly T[], keyOf: (item: T) => string, keys: readonly string[]): readonly T[] =>
  items.filter((item) => keys.includes(keyOf(item)));

const byName = <T extends { readonly name: string }>(list: readonly T[]): readonly T[] =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : 1));

test('synthesizes without an error, whatever the daemons, shapes, routes, remotes, variables and mounts', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-any-app-'));
  try {
    fc.assert(
      fc.property(anyApp, (recipes) => {
        const { plans, findings, locations } = lower(appFrom(recipes), {});
        const all = [...findings, ...checkPlans(plans, locations, PROJECT)];
        const { manifest } = synthesize({ plans, findings: all, locations, outdir: join(scratch, 'dist') });
        assert.equal(Object.keys(manifest.bottles), recipes.map(({ id }) => id).sort());
      }),
      { numRuns: 50 },
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test('no rule over the documents fires on what synth itself writes', () => {
  fc.assert(
    fc.property(anyApp, (recipes) => {
      const { plans, locations } = lower(appFrom(recipes), {});
      assert.equal(
        plans.flatMap((plan) => checkDocuments(renderedBottle(plan), locations)),
        [],
      );
    }),
  );
});

test('its files say what the plan says: routes and credentials by slot, remotes, and allowed hosts', () => {
  fc.assert(
    fc.property(anyApp, (recipes) => {
      for (const plan of plansOf(recipes)) {
        const { files } = renderedBottle(plan);
        const { egress, gitGate, pipelock } = plan.sidecars;
        const routes = egress === undefined ? [] : (parse(files['egress/routes.yaml'] ?? '') as RoutesFile).routes;
        const policy = parse(files['pipelock/pipelock.yaml'] ?? '') as Record<string, Record<string, unknown>>;
        const passed = policy['tls_interception']?.['passthrough_domains'] as readonly string[];
        const trusted = (policy['trusted_domains'] ?? []) as unknown as readonly string[];
        const read = routes.map(({ auth, webSocket = false, ...route }) => ({
          ...route,
          ...(auth === undefined ? {} : { auth: { ...auth, from: egress?.tokens[auth.slot] } }),
          webSocket,
          tlsPassthrough: passed.includes(route.host),
          privateUpstream: trusted.includes(route.host),
        }));
        assert.equal(read, egress?.routes ?? []);
        const allowed = policy['api_allowlist'] as unknown as readonly string[];
        const hosts = [...(egress?.routes ?? []).map(({ host }) => host), ...pipelock.allow];
        assert.equal(allowed, hosts.length === 0 ? ['nothing.invalid'] : [...new Set(hosts)]);
        const remotes =
          gitGate === undefined ? [] : (JSON.parse(files['git-gate/git-gate.json'] ?? '') as GitGateFile).remotes;
        assert.equal(
          remotes.map(({ key, ...remote }) => remote),
          (gitGate?.remotes ?? []).map(({ identityFile, knownHostKey, ...remote }) => remote),
        );
      }
    }),
  );
});

test('its compose file says what the plan says: variables, mounts, limits, labels, tokens by name alone', () => {
  fc.assert(
    fc.property(anyApp, (recipes) => {
      for (const plan of plansOf(recipes)) {
        const { services } = parse(renderedBottle(plan).files['compose.yaml'] ?? '') as {
          services: Readonly<Record<string, Service>>;
        };
        const { agent, sidecars, labels } = plan;
        const service = services['agent'];
        if (service === undefined) throw new Error('no service agent');
        const names = agent.env.map(({ name }) => name);
        const variables = declared(service.environment.map(variableOf), ({ name }) => name, names);
        assert.equal(byName(variables), byName(agent.env));
        const targets = agent.mounts.map(({ target }) => target);
        const mounts = declared(service.volumes.map(mountOf), ({ target }) => target, targets);
        assert.equal(mounts, agent.mounts);
        assert.equal(service.command?.map(plain), agent.command);
        assert.equal([service.user, service.runtime], [agent.user, agent.runtime]);
        const { memory, pids, cpus } = agent.resources;
        assert.equal([service.mem_limit, service.pids_limit, service.cpus], [memory, pids, cpus]);
        const own = Object.entries(service.labels).filter(([name]) => !name.startsWith('claude-bottle.'));
        assert.equal(plainValues(Object.fromEntries(own)), { ...labels });
        const tokens = Object.values(services).flatMap(({ environment }) =>
          environment.filter((entry) => entry.startsWith('EGRESS_TOKEN_')),
        );
        assert.equal(
          tokens,
          (sidecars.egress?.tokens ?? []).map((_, slot) => tokenSlotName(slot)),
        );
      }
    }),
  );
});

/** The same app with everything whose order means nothing the other way round. */
const reversed = (recipes: readonly BottleRecipe[]): readonly BottleRecipe[] => {
  const turned = <T extends object>(record: T): T => Object.fromEntries(Object.entries(record).reverse()) as T;
  return recipes
    .map((recipe) => ({
      ...turned(recipe),
      labels: turned(recipe.labels),
      env: turned(recipe.env),
      hostEnv: [...recipe.hostEnv].reverse(),
      agent: turned(recipe.agent),
      sidecars: turned(recipe.sidecars),
      routes: recipe.routes.map(({ options, ...route }) => {
        const { methods, pathPrefixes, ports } = options;
        const lists = {
          ...(methods === undefined ? {} : { methods: [...methods].reverse() }),
          ...(pathPrefixes === undefined ? {} : { pathPrefixes: [...pathPrefixes].reverse() }),
          ...(ports === undefined ? {} : { ports: [...ports].reverse() }),
        };
        return turned({ ...route, options: turned({ ...options, ...lists }) });
      }),
    }))
    .reverse();
};

test('the order of bottles, keys, variables, labels, methods, prefixes and ports changes no byte', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-any-app-'));
  const written = (recipes: readonly BottleRecipe[]): unknown => {
    const plans = plansOf(recipes);
    return synthesize({ plans, findings: [], outdir: join(scratch, 'dist') }).manifest;
  };
  try {
    fc.assert(
      fc.property(anyApp, (recipes) => {
        assert.equal(JSON.stringify(written(reversed(recipes))), JSON.stringify(written(recipes)));
      }),
      { numRuns: 50 },
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test.run();
