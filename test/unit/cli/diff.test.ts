/** The verb as a user runs it, with a state directory that looks as deploy leaves it. No engine is asked. */

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadBottle, loadManifest } from '../../../lib/deploy/assembly.ts';
import { declaredPath, withLiveGrants } from '../../../lib/deploy/state/live-grants.ts';
import { deployedVersion } from '../../../lib/deploy/state/versions.ts';
import { deployedText } from '../../../lib/operate/state/deployed.ts';
import { bottle, type CliResult, type TemporaryProject, temporaryProject } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bottle diff', { timeoutMs: 120_000 });

const definition = (routes: string, more = ''): string => `
  import { App, Auth, Bottle, HostEnv, Route } from 'claude-bottle';
  const app = new App();
  new Bottle(app, 'demo', { agent: {}, sidecars: { egress: { routes: [${routes}] } } });
  ${more}
  app.synth();
`;
const DOCS = "Route.to('docs.example.org', { methods: ['GET'] })";
const API = "Route.to('api.example.org', { methods: ['POST'], auth: Auth.bearer(HostEnv.of('GH_TOKEN')) })";

const made: TemporaryProject[] = [];
const homes: string[] = [];
test.after(() => {
  for (const project of made) project.remove();
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

interface Stage {
  readonly project: TemporaryProject;
  readonly home: string;
  define(text: string): void;
  run(...args: string[]): Promise<CliResult>;
}

function stage(text: string): Stage {
  const project = temporaryProject(text);
  made.push(project);
  const home = mkdtempSync(join(tmpdir(), 'claude-bottle-home-'));
  homes.push(home);
  const define = (next: string): void => {
    const rewritten = temporaryProject(next);
    made.push(rewritten);
    project.write('app.ts', readFileSync(join(rewritten.directory, 'app.ts'), 'utf8'));
  };
  // An engine that answered would be a mistake: there is no docker on this PATH.
  const env = { CLAUDE_BOTTLE_HOME: home, PATH: dirname(process.execPath), DOCKER_HOST: 'unix:///nowhere' };
  return { project, home, define, run: (...args) => bottle(project.directory, ['diff', ...args], env) };
}

/** What synth writes of a bottle with the one route: the same bytes wherever the project lies. */
const given = stage(definition(DOCS));
test.before(async () => {
  const { exitCode, stderr } = await bottle(given.project.directory, ['synth', '-o', 'given']);
  assert.is(exitCode, 0, stderr);
});
const GIVEN = join(given.project.directory, 'given');

/** Leaves in the home what a deploy of {@link GIVEN} would. */
function pretendDeployed({ project, home }: Stage, app = 'a-project'): string {
  const output = GIVEN;
  const assembled = loadBottle(output, loadManifest(output), 'demo');
  const stateDir = join(home, 'state/demo');
  const { live } = withLiveGrants(assembled, stateDir);
  const files = new Map([
    ...assembled.files,
    ...[...(live?.declared ?? [])].map(([path, content]) => [declaredPath(path), content] as const),
  ]);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(stateDir, path)), { recursive: true });
    writeFileSync(join(stateDir, path), content);
  }
  const image = { reference: 'x', id: 'sha256:0' };
  const record = deployedText({
    version: 1,
    slug: 'demo',
    app,
    path: 'demo',
    projectDir: project.directory,
    complete: true,
    daemons: [...assembled.manifest.daemons],
    shape: 'bundle',
    images: { agent: image, sidecars: image },
    scanner: 'builtin',
    assembly: { ...assembled.manifest.files },
    hostVariables: [],
    tokens: [...assembled.manifest.requires.tokens],
  });
  writeFileSync(join(stateDir, 'deployed.json'), record);
  return stateDir;
}

test('a bottle that is not deployed is new, with what it opens, and no output is written', async () => {
  const s = stage(definition(`${DOCS}, ${API}`));
  const { exitCode, stdout, stderr } = await s.run();
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, /^demo: new bottle\n {2}\+ opens {2}GET docs\.example\.org/);
  assert.match(stdout, '+ opens  POST api.example.org with credential GH_TOKEN');
  assert.not.ok(readdirSync(s.project.directory).includes('dist'));
  assert.equal(readdirSync(s.home), []);
});

test('what is deployed as defined has no difference, and a change is told, by exit code too', async () => {
  const s = stage(definition(DOCS));
  pretendDeployed(s);
  const same = await s.run('--fail');
  assert.equal([same.exitCode, same.stdout], [0, 'demo: no difference'], same.stderr);
  s.define(definition(API));
  const other = await s.run('--fail', '--unified');
  assert.is(other.exitCode, 1);
  assert.match(other.stdout, '+++ b/demo/egress/routes.yaml');
  assert.match(other.stdout, '+ opens  POST api.example.org with credential GH_TOKEN');
  assert.match(other.stdout, '- closes GET docs.example.org');
  assert.match(other.stdout, /M egress\/routes\.yaml \+\d+ -\d+/);
  const { exitCode, stdout } = await s.run('--json');
  assert.is(exitCode, 0);
  const data = JSON.parse(stdout) as { against: string; differs: boolean; bottles: { changes: { kind: string }[] }[] };
  assert.equal([data.against, data.differs], ['deployed', true]);
  assert.ok(data.bottles[0]?.changes.some(({ kind }) => kind === 'route'));
});

test('live grants are no difference, and are listed with what a deploy makes of them', async () => {
  const s = stage(definition(DOCS));
  const stateDir = pretendDeployed(s);
  const header = { time: '2026-01-31T12:00:00Z', who: 'ada', why: 'for the build', origin: 'allow' };
  const grants = [
    { id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', kind: 'open', host: 'pypi.org', ports: [443], ...header },
    { id: '7f9619ff-8b86-4d01-b42d-00cf4fc964ff', kind: 'close', host: 'gone.example.org', ...header },
  ];
  writeFileSync(join(stateDir, 'grants.json'), JSON.stringify({ version: 1, grants }));
  const { exitCode, stdout } = await s.run('--fail');
  assert.is(exitCode, 0, stdout);
  assert.match(stdout, 'granted live, stays with deploy unless --reset: pypi.org opened by ada');
  assert.match(stdout, 'granted live, goes with deploy: gone.example.org');
});

test('a file that was changed by hand in the state directory is noted and counts', async () => {
  const s = stage(definition(DOCS));
  const stateDir = pretendDeployed(s);
  const file = join(stateDir, 'agent/entrypoint.sh');
  writeFileSync(file, `${readFileSync(file, 'utf8')}# mine\n`);
  const { exitCode, stdout } = await s.run('--fail', '--files');
  assert.is(exitCode, 1);
  assert.not.match(stdout, '(first program');
  assert.match(stdout, 'note: agent/entrypoint.sh was changed since it was deployed');
});

test('a deployed bottle that is not defined any more is removed, and one of another app is refused', async () => {
  const s = stage(definition(DOCS));
  pretendDeployed(s);
  s.define(definition(DOCS).replace("'demo'", "'other'"));
  const { stdout } = await s.run();
  assert.match(stdout, 'demo: removed');
  assert.match(stdout, 'bottle destroy demo takes it down; its volumes stay behind: claude-bottle-demo_agent-home');
  assert.match(stdout, 'other: new bottle');
  s.define(definition(DOCS));
  pretendDeployed(s, 'foreign');
  const foreign = await s.run();
  assert.is(foreign.exitCode, 1);
  assert.match(foreign.stderr, "belongs to the app 'foreign'");
});

test('what another version deployed cannot be compared, and the error says what to do', async () => {
  const s = stage(definition(DOCS));
  const stateDir = pretendDeployed(s);
  rmSync(join(stateDir, 'declared/manifest.json'));
  const older = await s.run('--json');
  assert.is(older.exitCode, 1);
  assert.is((JSON.parse(older.stdout) as { error: { code: string } }).error.code, 'diff/unreadable-state');
  assert.match(older.stderr, 'bottle deploy demo');
  writeFileSync(join(stateDir, 'deployed.json'), '{"version": 99}');
  assert.throws(() => deployedVersion(stateDir, 'demo'), /deployed\.json is none that this version writes/);
});

test('another output directory is compared with, and one that is none is refused', async () => {
  const s = stage(definition(DOCS));
  cpSync(GIVEN, join(s.project.directory, 'base'), { recursive: true });
  assert.is((await s.run('--against', 'base', '--fail')).stdout, 'demo: no difference');
  s.define(definition(`${DOCS}, ${API}`, "new Bottle(app, 'second', { agent: {}, sidecars: {} });"));
  const { exitCode, stdout } = await s.run('--against', 'base', '--fail');
  assert.is(exitCode, 1);
  assert.match(stdout, 'demo: changed');
  assert.match(stdout, 'second: new bottle');
  assert.is((await s.run('third', '--against', 'base')).exitCode, 2);
  const { stderr } = await s.run('--against', 'nowhere');
  assert.match(stderr, 'nowhere/manifest.json');
  assert.match(stderr, 'bottle synth -o nowhere');
  writeFileSync(join(s.project.directory, 'base/demo/compose.yaml'), 'services: {}\n');
  assert.match((await s.run('--against', 'base')).stderr, 'demo/compose.yaml');
});

test.run();
