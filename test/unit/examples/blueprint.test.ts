/** The blueprint example does what docs/reference/overrides.md says of it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, GitRemote } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { AcmeBottle } from '../../../examples/blueprint/acme-bottle.ts';
import { typescriptCommand } from '../../../examples/demo/typescript.ts';
import type { Manifest } from '../../../lib/assembly/manifest.ts';
import type { Tree } from '../../../lib/assembly/tree.ts';
import { bottle, ROOT } from '../../support/cli.ts';
import { HOST_KEY } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { findingsOf } from '../rules/definition.ts';

const test = suite('blueprint example', { timeoutMs: 60_000 });
let outdir = '';

test.before(async () => {
  outdir = mkdtempSync(join(tmpdir(), 'claude-bottle-blueprint-'));
  const app = typescriptCommand(join(ROOT, 'examples/blueprint/app.ts'));
  const { exitCode, stderr } = await bottle(ROOT, ['synth', '--strict', '--app', app, '-o', outdir, '--json']);
  assert.is(exitCode, 0, stderr);
});

test.after(() => rmSync(outdir, { recursive: true, force: true }));

const read = (file: string): string => readFileSync(join(outdir, file), 'utf8');

type Service = Readonly<Record<string, unknown>> & {
  readonly ulimits: Readonly<Record<string, unknown>>;
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

const servicesOf = (slug: string): Readonly<Record<string, Service>> =>
  (parse(read(`${slug}/compose.yaml`)) as { services: Record<string, Service> }).services;

test('the aspect holds every container to the limits of the house', () => {
  for (const slug of ['shop', 'reports']) {
    for (const service of Object.values(servicesOf(slug))) {
      assert.is(service['cpus'], 2);
      assert.is(service.ulimits['core'], 0);
    }
  }
});

test('the blueprint gives every bottle its labels and its override, the mixin only what it was applied to', () => {
  const [shop, reports] = [servicesOf('shop')['agent'], servicesOf('reports')['agent']];
  assert.is(shop?.labels['com.example.cost-centre'], '4711');
  assert.equal(reports?.ulimits['nofile'], { soft: 65_536, hard: 65_536 });
  assert.ok(reports?.environment.includes('CI=1'));
  assert.not.ok(shop?.environment.includes('CI=1'));
  assert.equal([shop?.labels['com.example.watched'], reports?.labels['com.example.watched']], [undefined, 'no']);
});

test('the manifest lists what the escape hatches changed', () => {
  const { bottles } = JSON.parse(read('manifest.json')) as Manifest;
  assert.equal(
    bottles['shop']?.overrides.map(({ service, paths }) => `${service} ${paths}`),
    ['agent ulimits.nofile', 'agent cpus', 'agent ulimits.core', 'sidecars cpus', 'sidecars ulimits.core'],
  );
});

test('the tree names the class of the blueprint, and the line that asked for each bottle', () => {
  const { tree } = JSON.parse(read('tree.json')) as Tree;
  const lines = readFileSync(join(ROOT, 'examples/blueprint/app.ts'), 'utf8').split('\n');
  for (const { construct, id, source } of tree.children) {
    assert.is(construct, 'AcmeBottle');
    assert.is(source?.file, 'examples/blueprint/app.ts');
    assert.is(lines[(source?.line ?? 0) - 1], `new AcmeBottle(app, '${id}', {`);
  }
});

test('what a team got wrong is found at its own line, not in the blueprint', () => {
  const app = new App();
  const repository = GitRemote.ssh('app', 'ssh://git@git.example.com/acme/app.git', {
    identityFile: '~/.ssh/id',
    knownHostKey: HOST_KEY,
  });
  const line = Number(/:(\d+):\d+\)?$/.exec((new Error().stack ?? '').split('\n')[1] ?? '')?.[1]) + 1;
  new AcmeBottle(app, 'No_Slug', { repository, repositoryName: 'other', costCentre: '1' });
  const errors = findingsOf(app).filter(({ severity }) => severity === 'error');
  const slug = errors.find(({ rule }) => rule === 'bottles::slug-label');
  assert.equal(slug?.location, { file: 'test/unit/examples/blueprint.test.ts', line });
});

test.run();
