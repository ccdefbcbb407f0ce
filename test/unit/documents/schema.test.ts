import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { renderedBottle } from '../../../lib/render/index.ts';
import { validate } from '../../../lib/rules/documents/schema/validate.ts';
import { checkDocuments } from '../../../lib/rules/index.ts';
import { GENERATED, generated } from '../../../setup/compose-schema.mjs';
import { fullMatrix } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { EVERY_PLAN, edited } from '../topology/documents.ts';

const test = suite('compose schema', { timeoutMs: 300_000 });

test('the compiled schema is what the published schema compiles to', () => {
  assert.ok(readFileSync(GENERATED, 'utf8') === generated(), 'run node setup/compose-schema.mjs');
});

test('the schema is that of the module that the folder names, byte for byte', () => {
  const folder = join(import.meta.dirname, '../../../setup/compose-schema');
  const schema: unknown = JSON.parse(readFileSync(join(folder, 'compose-spec.json'), 'utf8'));
  assert.is((schema as { readonly title: string }).title, 'Compose Specification');
  assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), /compose-go\/v2` v\d+\.\d+\.\d+/);
});

test('every bottle that synth renders is valid', () => {
  for (const { name, plan } of EVERY_PLAN) assert.equal(validate(renderedBottle(plan).compose), [], name);
});

const said = (key: string, value: unknown): readonly string[] =>
  checkDocuments(
    edited(fullMatrix(), ({ agent }) => Object.assign(agent ?? {}, { [key]: value })),
    new Map(),
  )
    .filter(({ rule }) => rule === 'bottles::compose-schema')
    .map(({ pointer, message }) => `${pointer}: ${message}`);

test('a finding names the place, what is there and what is allowed', () => {
  assert.equal(said('cpu_shares', { a: 1 }), [
    "/services/agent/cpu_shares: '/services/agent/cpu_shares' is an object; allowed: a number or a text",
  ]);
  assert.equal(said('command', 5), [
    "/services/agent/command: '/services/agent/command' is a number; allowed: null, a text or a list",
  ]);
  assert.equal(said('ulimits', { nofile: { soft: 1 } }), [
    "/services/agent/ulimits/nofile: '/services/agent/ulimits/nofile' is an object; allowed: a whole number, a text or an object with 'hard'",
  ]);
  assert.equal(said('healthcheck', { test: ['CMD', 'true'], every: '1s' }), [
    "/services/agent/healthcheck: '/services/agent/healthcheck' is an object; allowed: an object without 'every'",
  ]);
});

test('what hides in a place that no rule reads is no valid compose file', () => {
  assert.ok(said('labels', { '<<': { 'claude-bottle.slug': 'other' } }).length > 0);
  assert.ok(said('tmpfs', ['/tmp', { target: '/x' }]).length > 0);
  assert.ok(said('cap_add', [['SYS_ADMIN']]).length > 0);
  assert.ok(said('security_opt', [['seccomp:unconfined']]).length > 0);
  assert.ok(said('environment', ['A=b', { HTTPS_PROXY: 'x' }]).length > 0);
  assert.ok(said('logging', { driver: 'json-file', options: { '<<': { env: 'X' } } }).length > 0);
});

test.run();
