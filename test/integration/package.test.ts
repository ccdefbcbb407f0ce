/** The package as a stranger gets it: packed, installed into a project of its own, and used from there. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('the published package', { timeoutMs: 600_000 });
const ROOT = join(import.meta.dirname, '../..');

const DEFINITION = `import { App, Bottle, Route } from 'claude-bottle';

const app = new App();
new Bottle(app, 'hello', {
  agent: { env: { EDITOR: 'vi' } },
  sidecars: { egress: { routes: [Route.to('docs.example.org', { tlsPassthrough: true })] }, supervise: true },
});
app.synth();
`;

let scratch = '';
let project = '';
let tarball = '';

const install = (cwd: string, ...packages: string[]) =>
  execa('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], { cwd });

const bottle = (...args: string[]) =>
  execa(join(project, 'node_modules/.bin/bottle'), args, { cwd: project, reject: false });

test.before(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-package-'));
  project = join(scratch, 'project');
  mkdirSync(project);
  await execa('npm', ['pack', '--pack-destination', scratch], { cwd: ROOT });
  tarball = join(scratch, readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '');
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'acme', type: 'module' }));
  writeFileSync(join(project, 'cdk.json'), JSON.stringify({ app: 'node app.mjs' }));
  writeFileSync(join(project, 'app.mjs'), DEFINITION);
  await install(project, tarball);
});

test.after(() => {
  rmSync(scratch, { recursive: true, force: true });
});

test('its bottle command synthesizes a definition, and names the line of a finding', async () => {
  const { exitCode, stdout, stderr } = await bottle('synth', 'hello');
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, 'name: claude-bottle-hello');
  assert.match(stderr, 'bottles::route-tls-passthrough');
  assert.match(stderr, '(app.mjs:6)');
  assert.ok(existsSync(join(project, 'dist/hello/egress/routes.yaml')));
});

test('its types check a definition', async () => {
  const typescript = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', 'false', '--types', ''];
  const check = (file: string) =>
    execa(process.execPath, [typescript, ...options, file], { cwd: project, reject: false });
  writeFileSync(join(project, 'right.mts'), DEFINITION);
  writeFileSync(join(project, 'wrong.mts'), DEFINITION.replace("'vi'", '42'));
  assert.is((await check('right.mts')).stdout, '');
  assert.match((await check('wrong.mts')).stdout, "Type 'number' is not assignable");
});

test('it carries the licence of each package whose code is inside', () => {
  const texts = readFileSync(join(project, 'node_modules/claude-bottle/build/THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const name of ['commander', 'execa', 'ipaddr.js', 'yaml', 'zod']) {
    assert.match(texts, new RegExp(`^${name.replace('.', '\\.')} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  }
  assert.not.match(texts, /^constructs /m);
});

test('it brings what the images are built from', async () => {
  const context = join(project, 'node_modules/claude-bottle/build/images/sidecars/init/main.js');
  assert.ok(existsSync(context));
  const home = { CLAUDE_BOTTLE_HOME: join(scratch, 'home'), CLAUDE_BOTTLE_SCANNER: 'builtin' };
  const dryRun = await execa(join(project, 'node_modules/.bin/bottle'), ['deploy', '--dry-run'], {
    cwd: project,
    env: home,
    reject: false,
  });
  assert.is(dryRun.exitCode, 0, dryRun.stderr);
  assert.match(dryRun.stdout, 'hello: would be created');
});

test('it brings the examples to which its documentation leads, and they run where they are', async () => {
  const app = 'npx tsx node_modules/claude-bottle/examples/split/app.ts';
  await install(project, 'tsx');
  const { exitCode, stderr } = await bottle('synth', '--app', app, '-o', 'apart', '--quiet');
  assert.is(exitCode, 0, stderr);
  assert.ok(existsSync(join(project, 'apart/apart/egress/routes.yaml')));
});

for (const runner of readdirSync(join(ROOT, 'examples/testing'))) {
  test(`its example project for ${runner} tests a bottle, and fails once the agent reaches more`, async () => {
    const copy = join(scratch, runner);
    cpSync(join(ROOT, 'examples/testing', runner), copy, { recursive: true });
    await install(copy, tarball);
    const run = () => execa('npm', ['test'], { cwd: copy, reject: false, all: true });
    const right = await run();
    assert.is(right.exitCode, 0, right.all);
    const synth = await execa('npm', ['run', 'synth'], { cwd: copy, reject: false });
    assert.is(synth.exitCode, 0, synth.stderr);
    const definition = join(copy, 'bottle.ts');
    const text = readFileSync(definition, 'utf8');
    writeFileSync(definition, text.replace('supervise: true', 'supervise: true, pipelock: { exposed: true }'));
    const wrong = await run();
    assert.is.not(wrong.exitCode, 0);
    assert.match(wrong.all, 'agent can reach pipelock: agent is on network internal');
  });
}

test.run();
