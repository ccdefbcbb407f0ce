import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, App, Bottle, Route, SidecarBundle, SynthError } from 'claude-bottle';
import { Construct } from 'constructs';
import * as assert from 'uvu/assert';
import { frozen } from '../../../constructs/frozen.ts';
import { projectName } from '../../../constructs/project-name.ts';
import { suite } from '../../support/suite.ts';
import { findingsOf, rulesOf } from '../rules/definition.ts';

const test = suite('app');
let scratch = '';

test.beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'constructs-'));
});

test.afterEach(() => {
  for (const name of ['CLAUDE_BOTTLE_CONTEXT', 'CLAUDE_BOTTLE_OUTDIR']) delete process.env[name];
  rmSync(scratch, { recursive: true });
});

const demo = (app: App): Bottle => new Bottle(app, 'demo', { agent: {}, sidecars: {} });

test('synth writes the assembly and gives its warnings', () => {
  const app = new App({ outdir: join(scratch, 'out') });
  const bottle = demo(app);
  const assembly = app.synth();
  assert.equal(Object.keys(assembly.manifest.bottles), [bottle.slug]);
  assert.ok(existsSync(join(scratch, 'out/demo/compose.yaml')));
});

test('synth throws every error at once and writes nothing', () => {
  const app = new App({ outdir: join(scratch, 'out') });
  new Bottle(app, 'Bad', { agent: { user: 'a b' }, sidecars: { egress: { routes: [Route.to('*.x.org')] } } });
  try {
    app.synth();
    assert.unreachable('synth accepted it');
  } catch (error) {
    assert.instance(error, SynthError);
    const rules = error instanceof SynthError ? rulesOf(error.findings) : [];
    for (const rule of ['slug-label', 'agent-user', 'route-host']) assert.ok(rules.includes(`bottles::${rule}`), rule);
  }
  assert.not.ok(existsSync(join(scratch, 'out')));
});

test('two synths of one definition are the same bytes', () => {
  const text = (outdir: string): string => {
    const app = new App({ outdir });
    demo(app);
    app.synth();
    return readFileSync(join(outdir, 'demo/compose.yaml'), 'utf8');
  };
  assert.is(text(join(scratch, 'a')), text(join(scratch, 'b')));
});

test("the command line's output directory and context beat the definition's", () => {
  process.env['CLAUDE_BOTTLE_OUTDIR'] = join(scratch, 'cli');
  process.env['CLAUDE_BOTTLE_CONTEXT'] = '{"suffix":"cli","other":1}';
  const app = new App({ outdir: 'dist', context: { suffix: 'own', mine: 2 } });
  assert.is(app.outdir, join(scratch, 'cli'));
  assert.equal(
    ['suffix', 'other', 'mine'].map((key) => app.node.tryGetContext(key)),
    ['cli', 1, 2],
  );
  assert.is(demo(app).slug, 'demo-cli');
});

test('a context that is not JSON is a clear error', () => {
  process.env['CLAUDE_BOTTLE_CONTEXT'] = '{';
  assert.throws(() => new App(), /CLAUDE_BOTTLE_CONTEXT is not JSON/);
  process.env['CLAUDE_BOTTLE_CONTEXT'] = '[]';
  assert.throws(() => new App(), /holds no JSON object/);
});

test('unknown props of App and a suffix that is no text are errors', () => {
  const app = new App({ outDir: 'x', context: { suffix: 2 } } as never);
  demo(app);
  assert.equal(rulesOf(findingsOf(app)), ['bottles::unknown-key', 'bottles::wrong-type']);
});

test('a requireDigests that is neither true nor false is an error', () => {
  for (const requireDigests of ['yes', 1, '']) {
    const app = new App({ context: { requireDigests } });
    demo(app);
    assert.equal(rulesOf(findingsOf(app)), ['bottles::wrong-type'], String(requireDigests));
  }
});

test('of() finds the app and the bottle from anywhere below', () => {
  const app = new App();
  const team = new Construct(app, 'team');
  const bottle = new Bottle(team, 'demo', { agent: {}, sidecars: { supervise: true } });
  const { supervise } = bottle.sidecars;
  if (supervise === undefined) throw new Error('no supervise');
  assert.is(App.of(supervise), app);
  assert.is(Bottle.of(supervise), bottle);
  assert.is(Bottle.of(bottle), bottle);
  assert.throws(() => Bottle.of(team), /team is not in a Bottle/);
  assert.is(bottle.slug, 'demo');
});

test('a bottle without its parts says so when they are asked for', () => {
  const bottle = new Bottle(new App(), 'demo');
  assert.throws(() => bottle.agent, /demo has no agent yet/);
  assert.throws(() => bottle.sidecars, /demo has no sidecar bundle yet/);
  const agent = new Agent(bottle, 'Agent');
  const sidecars = new SidecarBundle(bottle, 'Sidecars', { egress: {} });
  assert.is(bottle.agent, agent);
  assert.is(bottle.sidecars, sidecars);
  assert.is(sidecars.gitGate, undefined);
  assert.is(sidecars.egress?.node.path, 'demo/Sidecars/egress');
  assert.is(sidecars.pipelock.node.path, 'demo/Sidecars/pipelock');
});

test('what was given cannot be changed afterwards', () => {
  const methods = ['GET'];
  const options = { methods };
  const route = Route.to('a.example.org', options);
  methods.push('DELETE');
  assert.is(JSON.stringify(route.given['options']), '{"methods":["GET"]}');
  assert.throws(() => Object.assign(route, { form: 'x' }));
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  assert.ok(Object.isFrozen(frozen(loop)));
});

test("the app is named after the nearest package.json, and 'app' without a name", () => {
  mkdirSync(join(scratch, 'a/b'), { recursive: true });
  writeFileSync(join(scratch, 'package.json'), '{"name":"outer"}');
  assert.is(projectName(join(scratch, 'a/b')), 'outer');
  writeFileSync(join(scratch, 'a/package.json'), '{"name":"@acme/bottles"}');
  assert.is(projectName(join(scratch, 'a/b')), '@acme/bottles');
  writeFileSync(join(scratch, 'a/package.json'), '{"private":true}');
  assert.is(projectName(join(scratch, 'a/b')), 'app');
  writeFileSync(join(scratch, 'a/package.json'), '{');
  assert.is(projectName(join(scratch, 'a/b')), 'app');
});

test.run();
