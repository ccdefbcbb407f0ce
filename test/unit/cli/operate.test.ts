import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { typescriptCommand } from '../../../examples/demo/typescript.ts';
import { bottle, ROOT } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';
import { type Answer, environmentWith, fakeDocker } from '../deploy/fake-docker.ts';
import { inspected, savedRecord } from '../operate/found.ts';

const test = suite('the operator at the command line', { timeoutMs: 120_000 });

const home = mkdtempSync(join(tmpdir(), 'operator-cli-'));
const stateDir = join(home, 'state', 'demo');
mkdirSync(stateDir, { recursive: true });
writeFileSync(join(stateDir, 'deployed.json'), JSON.stringify(savedRecord({ slug: 'demo' })));

const NAMES = ['claude-bottle-sidecars-demo', 'claude-bottle-demo'] as const;
const LINE = '2026-01-31T12:00:01.000000000Z [egress] hello\n';

function engine(...more: readonly Answer[]) {
  const seen = NAMES.map((name, index) => ({
    name,
    slug: 'demo',
    stateDir,
    service: index === 0 ? 'sidecars' : 'agent',
    health: 'healthy',
  }));
  return fakeDocker([
    ...more,
    { call: '"ps --all"*', stdout: NAMES.map((name) => `${name}\n`).join('') },
    { call: '"container inspect"*', stdout: seen.map(inspected).join('') },
    { call: '"logs"*"sidecars"*', stdout: LINE },
    { call: '"logs"*', stdout: '' },
  ]);
}

const fake = engine();
const env = { ...environmentWith(fake), PATH: `${fake.bin}:${process.env['PATH']}`, CLAUDE_BOTTLE_HOME: home };
test.after(() => {
  fake.remove();
  rmSync(home, { recursive: true, force: true });
});

test('what cannot be meant is a usage error that says what can', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['logs'], /missing required argument/],
    [['logs', 'demo', 'egres'], /did you mean egress\?/],
    [['logs', 'demo', '--since', 'soon'], /neither a time nor how long ago/],
    [['logs', 'demo', '-n', '-1'], /not a number of lines/],
    [['logs', 'demo', '--saved', '--follow'], /do not grow/],
    [['logs', 'deno'], /did you mean demo\?/],
    [['status', 'deno'], /did you mean demo\?/],
    [['enter', 'deno'], /did you mean demo\?/],
    [['list', 'deno'], /no such bottle: deno/],
  ];
  for (const [args, said] of wrong) {
    const { exitCode, stderr, stdout } = await bottle(home, args, env);
    assert.is(exitCode, 2, args.join(' '));
    assert.match(stderr, said);
    assert.is(stdout, '');
  }
});

test('with --json an error is one, on stdout, also for enter, whose command keeps its own --json', async () => {
  const failed = await bottle(home, ['enter', 'deno', '--json'], env);
  assert.is(JSON.parse(failed.stdout).error.code, 'usage/unknown-bottle');
  const other = await bottle(home, ['enter', 'deno', '--', 'ls', '--json'], env);
  assert.is(other.stdout, '');
});

test('without a project the list shows the home, and needs no definition', async () => {
  const { exitCode, stdout } = await bottle(home, ['list'], env);
  assert.is(exitCode, 0);
  assert.match(stdout, /^demo +healthy +.*bundle +builtin +app app$/m);
  const { bottles } = JSON.parse((await bottle(home, ['list', '--json'], env)).stdout);
  assert.is(bottles[0].slug, 'demo');
});

test('a definition that fails is told, with how to do without', async () => {
  const project = join(home, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'cdk.json'), '{"app":"false"}');
  const { exitCode, stderr } = await bottle(project, ['list'], env);
  assert.is(exitCode, 1);
  assert.match(stderr, /bottle list --deployed shows what is deployed/);
  assert.is((await bottle(project, ['list', '--deployed', '--all'], env)).exitCode, 0);
});

test('no colour leaves for a pipe, whatever the environment says about colours', async () => {
  const { stdout } = await bottle(home, ['list'], { ...env, CI: '1', FORCE_COLOR: '1', NO_COLOR: '' });
  assert.match(stdout, 'healthy');
  assert.not.match(stdout, '\u001b');
});

test('an empty home has no bottle, which is no health', async () => {
  const empty = engine({ call: '"ps --all"*', stdout: '' });
  const none = { ...env, PATH: `${empty.bin}:${process.env['PATH']}`, CLAUDE_BOTTLE_HOME: join(home, 'none') };
  assert.equal((await bottle(home, ['status'], none)).exitCode, 1);
  const { exitCode, stdout } = await bottle(home, ['list'], none);
  assert.equal([exitCode, stdout], [0, 'no bottle is deployed on this home']);
  empty.remove();
});

test('a reader that has seen enough ends a long log, without a word', async () => {
  const long = engine({ call: '"logs"*"sidecars"*', script: `yes '${LINE.trimEnd()}' | head -n 2000000` });
  const command = typescriptCommand(join(ROOT, 'bin/bottle.ts'));
  const outcome = await execa('bash', ['-c', `${command} logs demo | head -n 1; echo "exit \${PIPESTATUS[0]}"`], {
    cwd: home,
    env: { ...env, PATH: `${long.bin}:${process.env['PATH']}` },
    reject: false,
  });
  assert.is(outcome.stderr, '');
  assert.match(outcome.stdout, /^2026-01-31T12:00:01\.000Z \[egress\] hello\nexit 0$/);
  long.remove();
});

test.run();
