/** What docs/reference/overrides.md says can and cannot be overridden. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Bottle } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { lower } from '../../../constructs/app.ts';
import type { Finding } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { checkDocuments } from '../../../lib/rules/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('limits of overrides', { timeoutMs: 60_000 });
const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/reference/overrides.md'), 'utf8');

/** The errors in the documents of a bottle that `change` was applied to. */
function errors(change: (bottle: Bottle) => void): readonly Finding[] {
  const app = new App();
  change(new Bottle(app, 'demo', { agent: {}, sidecars: { supervise: true } }));
  const { plans, locations, findings } = lower(app, {});
  assert.equal(findings, []);
  return plans
    .flatMap((plan) => checkDocuments(renderedBottle(plan), locations))
    .filter(({ severity }) => severity === 'error');
}

/** For each refused key, something that it could be meant to be. */
const VALUES: Readonly<Record<string, unknown>> = {
  privileged: true,
  networks: { internal: null, other: null },
  ports: ['8080:80'],
  devices: ['/dev/kvm'],
  build: { context: '.' },
  depends_on: [],
  restart: 'no',
  cap_add: ['NET_ADMIN'],
  cap_drop: [],
  security_opt: ['seccomp:unconfined'],
  network_mode: 'host',
  pid: 'host',
  ipc: 'host',
  uts: 'host',
  userns_mode: 'host',
  cgroup_parent: '/',
  scale: 2,
  use_api_socket: true,
  deploy: { replicas: 2 },
  develop: { watch: [] },
  provider: { type: 'x' },
  credential_spec: { file: 'x' },
  annotations: { a: 'b' },
  configs: ['x'],
  secrets: ['x'],
  volumes: [],
  volumes_from: ['sidecars'],
  extends: { service: 'x' },
  env_file: ['.env'],
  label_file: ['labels'],
  profiles: ['x'],
  dns: ['192.0.2.1'],
  dns_opt: [],
  dns_search: ['example.com'],
  extra_hosts: ['api.example.com:192.0.2.1'],
  links: ['sidecars:x'],
  external_links: ['x'],
  entrypoint: ['/bin/sh'],
  post_start: [{ command: ['x'] }],
  pre_stop: [{ command: ['x'] }],
};

const [, refusedPart = ''] = /<!-- refused -->([\s\S]*?)<!-- end of refused -->/.exec(PAGE) ?? [];
const REFUSED = refusedPart
  .split('\n')
  .slice(3)
  .flatMap((row) => row.split('|')[1]?.match(/[a-z_]+/g) ?? []);

const OF_THE_SIDECARS: Readonly<Record<string, unknown>> = {
  environment: [],
  healthcheck: { disable: true },
  command: ['x'],
  user: '0',
};

test('every key that the page says cannot be overridden is an error, on the agent and on the sidecars', () => {
  assert.ok(REFUSED.length > 35, `${REFUSED.length} keys`);
  for (const key of REFUSED) {
    const value = VALUES[key] ?? 'other';
    for (const service of ['agent', 'sidecars'] as const) {
      assert.ok(errors((demo) => demo[service].addOverride(key, value)).length > 0, `${key} of ${service}`);
      const patch = { op: 'add', path: `/${key}`, value } as const;
      assert.ok(errors((demo) => demo[service].addJsonPatch(patch)).length > 0, `${key} of ${service}, patched`);
    }
  }
});

test('what the sidecars are told by cannot be overridden', () => {
  for (const [key, value] of Object.entries(OF_THE_SIDECARS)) {
    assert.ok(errors(({ sidecars }) => sidecars.addOverride(key, value)).length > 0, key);
  }
});

test('a key that nobody knows is an error', () => {
  assert.ok(errors(({ agent }) => agent.addOverride('gateway_to_everything', true)).length > 0);
});

test('a limit may be changed, and not be taken away', () => {
  for (const key of ['mem_limit', 'pids_limit']) {
    assert.ok(errors(({ agent }) => agent.addDeletionOverride(key)).length > 0, key);
  }
  assert.equal(
    errors(({ agent }) => agent.addOverride('mem_limit', '2g')),
    [],
  );
});

/** What the page says is left, each with a value. */
const HARMLESS: Readonly<Record<string, unknown>> = {
  ulimits: { nofile: { soft: 1024, hard: 2048 } },
  shm_size: '128m',
  cpus: 1.5,
  cpu_shares: 512,
  cpuset: '0',
  mem_reservation: '64m',
  mem_limit: '2g',
  pids_limit: 600,
  'labels.com\\.example\\.team': 'blue',
  'logging.options.max-file': '5',
  'x-note': 'reviewed',
};

const HARMLESS_OF_THE_AGENT: Readonly<Record<string, unknown>> = {
  'environment.-': 'GREETING=hello',
  command: ['sleep', '1000'],
  working_dir: '/workspace/app',
  tty: true,
  stdin_open: true,
  init: true,
  stop_grace_period: '20s',
};

test('what the page says is harmless is accepted', () => {
  const found = errors(({ agent, sidecars }) => {
    for (const [path, value] of Object.entries({ ...HARMLESS, ...HARMLESS_OF_THE_AGENT }))
      agent.addOverride(path, value);
    for (const [path, value] of Object.entries(HARMLESS)) sidecars.addOverride(path, value);
  });
  assert.equal(found, []);
  for (const path of Object.keys({ ...HARMLESS, ...HARMLESS_OF_THE_AGENT })) {
    const key = path.split('.')[0]?.replace(/^x-.*/, 'x-') ?? '';
    assert.ok(PAGE.includes(`\`${key}\``), key);
  }
});

test('the first example of the page is a valid definition', () => {
  assert.equal(
    errors(({ agent, sidecars }) => {
      agent.addOverride('ulimits.nofile', { soft: 1024, hard: 2048 });
      agent.addOverride('labels.com\\.example\\.team', 'blue');
      agent.addOverride('environment.-', 'GREETING=hello');
      agent.addDeletionOverride('stop_grace_period');
      sidecars.addJsonPatch(
        { op: 'test', path: '/pids_limit', value: 512 },
        { op: 'replace', path: '/pids_limit', value: 768 },
      );
    }),
    [],
  );
});

test.run();
