import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { destroy, silent } from '../../../lib/deploy/index.ts';
import { BottleError } from '../../../lib/errors.ts';
import { type Deployed, deployedText } from '../../../lib/operate/state/deployed.ts';
import { bottle, temporaryProject } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';
import { type Answer, environmentWith, type FakeDocker, fakeDocker } from './fake-docker.ts';

const test = suite('destroy without a slug', { timeoutMs: 30_000 });

/** An engine that runs nothing of what is recorded. */
const EMPTY: readonly Answer[] = [{ call: 'ps*' }, { call: '"network ls"*' }, { call: '"volume ls"*' }];

let home = '';
let docker: FakeDocker;
test.beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'destroy-'));
  docker = fakeDocker(EMPTY);
});
test.afterEach(() => {
  docker.remove();
  rmSync(home, { recursive: true });
});

function deployed(slug: string, projectDir: string, app = 'app'): void {
  const record: Deployed = {
    version: 1,
    slug,
    app,
    path: slug,
    projectDir,
    complete: true,
    daemons: ['pipelock'],
    shape: 'bundle',
    images: { agent: { reference: 'a', id: 'sha256:a' }, sidecars: { reference: 's', id: 'sha256:s' } },
    scanner: 'builtin',
    assembly: {},
    hostVariables: [],
    tokens: [],
  };
  mkdirSync(join(home, 'state', slug), { recursive: true });
  writeFileSync(join(home, 'state', slug, 'deployed.json'), deployedText(record));
}

const run = (more: object) =>
  destroy({ slugs: [], app: 'app', home, env: environmentWith(docker), progress: silent, ...more });

const outcomes = async (more: object) => (await run(more)).bottles.map(({ slug, outcome }) => [slug, outcome]);

test('of an app without a name, only what its directory deployed is taken down, after one question', async () => {
  deployed('mine', '/mine');
  deployed('also', '/mine');
  deployed('theirs', '/theirs');
  deployed('named', '/mine', 'acme');
  const questions: string[] = [];
  const answering = (answer: boolean) => async (question: string) => {
    questions.push(question);
    return answer;
  };
  const declined = await outcomes({ unnamedProject: '/mine', confirm: answering(false) });
  assert.equal(declined, [
    ['also', 'declined'],
    ['mine', 'declined'],
  ]);
  const dry = await outcomes({ unnamedProject: '/mine', dryRun: true });
  assert.equal(
    dry.map(([slug]) => slug),
    ['also', 'mine'],
  );
  const done = await outcomes({ unnamedProject: '/mine', confirm: answering(true) });
  assert.equal(done, [
    ['also', 'destroyed'],
    ['mine', 'destroyed'],
  ]);
  assert.is(questions.length, 2);
  for (const word of ['/mine', 'also', 'mine']) assert.match(questions[0] ?? '', word);
  assert.not.match(questions[0] ?? '', 'theirs');
  assert.equal(await outcomes({ slugs: ['theirs'] }), [['theirs', 'destroyed']], 'named, it is as for any app');
});

test('where nobody can be asked, it is an error that names the bottles and --yes', async () => {
  deployed('mine', '/mine');
  try {
    await run({ unnamedProject: '/mine' });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, BottleError);
    assert.is((error as BottleError).code, 'destroy/needs-confirmation');
    assert.match((error as BottleError).message, 'mine');
    assert.match((error as BottleError).fix ?? '', '--yes');
  }
  assert.equal(await outcomes({ unnamedProject: '/mine', yes: true }), [['mine', 'destroyed']]);
});

test('the command line asks in a project without a name, and not in one that has its own', async () => {
  const project = temporaryProject('');
  const env = { ...environmentWith(docker), CLAUDE_BOTTLE_HOME: home };
  try {
    deployed('mine', project.directory, 'a-project');
    const named = await bottle(project.directory, ['destroy', '--dry-run'], env);
    assert.match(named.stdout, 'mine: would be destroyed');
    assert.is((await bottle(project.directory, ['destroy'], env)).exitCode, 0);
    project.write('package.json', JSON.stringify({ private: true }));
    deployed('mine', project.directory);
    deployed('theirs', '/theirs');
    const unnamed = await bottle(project.directory, ['destroy'], env);
    assert.is(unnamed.exitCode, 1);
    assert.match(unnamed.stderr, 'mine');
    assert.not.match(unnamed.stderr, 'theirs');
  } finally {
    project.remove();
  }
});

test('a bottle of the same app that runs from another home is left alone', async () => {
  docker.remove();
  const labels = { 'claude-bottle.slug': 'far', 'claude-bottle.app': 'acme' };
  const state = { Status: 'running', Running: true, Restarting: false, ExitCode: 0, StartedAt: '2026-01-01T00:00:00Z' };
  const working = { 'com.docker.compose.project.working_dir': '/elsewhere/state/far' };
  const container = { Id: 'c', Name: '/c', Image: 'i', RestartCount: 0, State: state };
  const stdout = `${JSON.stringify({ ...container, Config: { Labels: { ...labels, ...working } } })}\n`;
  docker = fakeDocker([{ call: 'ps*', stdout: 'c\n' }, { call: '"container inspect"*', stdout }, ...EMPTY]);
  assert.equal(await outcomes({ app: 'acme' }), []);
});

test.run();
