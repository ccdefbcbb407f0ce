/** Every key that the compose specification knows, with values of every kind: nothing passes but what is listed here. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { AGENT_SERVICE, type RenderedBottle } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { checkDocuments } from '../../../lib/rules/index.ts';
import { fullMatrix } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('every key of a service', { timeoutMs: 300_000 });

interface Part {
  readonly properties: Readonly<Record<string, unknown>>;
}

const FILE = join(import.meta.dirname, '../../../setup/compose-schema/compose-spec.json');
const { $defs } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly $defs: Readonly<Record<string, Part>> };
const KEYS = ['container_spec', 'workload_spec', 'service'].flatMap((part) =>
  Object.keys($defs[part]?.properties ?? {}),
);

/** Of every kind of JSON; each of them somewhere a way in. */
const VALUES: readonly unknown[] = [
  'host',
  '0',
  '-1',
  'service:agent',
  '/var/run/docker.sock',
  'container:other',
  true,
  7,
  -1,
  ['ALL'],
  ['/:/host'],
  ['egress'],
  [{ source: '/', target: '/host', type: 'bind' }],
  { default: {} },
  { host: 'x' },
  { '<<': { privileged: true } },
  [[]],
];

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What is of any service: shares of what is limited already, limits with other values, and values as they are. */
const OF_ANY = words(`
  attach cap_drop cpu_count cpu_percent cpu_period cpu_quota cpu_shares cpus cpuset mem_reservation mem_swappiness memswap_limit
  oom_score_adj read_only shm_size ulimits
`);

/** Keys of which some value above is let pass, by service; every other key refuses all of them. */
const LET_PASS = {
  agent: [...OF_ANY, ...words('command expose group_add init stdin_open stop_signal tty umask user working_dir')],
  sidecars: OF_ANY,
} as const;

const BOTTLE = renderedBottle(fullMatrix());

function withKey(service: string, key: string, value: unknown): RenderedBottle {
  const services = { ...BOTTLE.compose.services, [service]: { ...BOTTLE.compose.services[service], [key]: value } };
  return { ...BOTTLE, compose: { ...BOTTLE.compose, services } };
}

const isRefused = (service: string, key: string, value: unknown): boolean =>
  checkDocuments(withKey(service, key, value), new Map()).some(({ severity }) => severity === 'error');

for (const service of [AGENT_SERVICE, 'sidecars'] as const) {
  test(`no value of any key of ${service} passes that is not known to be harmless`, () => {
    assert.ok(KEYS.length > 90, 'the schema was not read');
    const passing = KEYS.filter((key) => VALUES.some((value) => !isRefused(service, key, value)));
    const allowed: readonly string[] = service === AGENT_SERVICE ? LET_PASS.agent : LET_PASS.sidecars;
    assert.equal(passing.sort(), [...allowed].sort());
  });
}

test('a service that is nothing of the kind breaks rules, and no rule', () => {
  for (const value of [null, 'agent', 7, [], {}, { environment: 'x', volumes: 'y', networks: 7, labels: [7] }]) {
    const services = { ...BOTTLE.compose.services, agent: value as unknown as Record<string, unknown> };
    const bottle = { ...BOTTLE, compose: { ...BOTTLE.compose, services } };
    assert.ok(checkDocuments(bottle, new Map()).some(({ severity }) => severity === 'error'));
  }
});

test.run();
