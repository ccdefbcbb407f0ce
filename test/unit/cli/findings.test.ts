/** Findings as a user, a build system and another program get them from the command line. */

import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { typescriptArgv } from '../../../examples/demo/typescript.ts';
import { bottle, ROOT, type TemporaryProject, temporaryProject } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('findings on the command line', { timeoutMs: 120_000 });

const projects: TemporaryProject[] = [];
function project(body: string): TemporaryProject {
  const made = temporaryProject(
    `import { App, Bottle, Route, Rules } from 'claude-bottle';\nconst app = new App();\n${body}\napp.synth();\n`,
  );
  projects.push(made);
  return made;
}
test.after(() => {
  for (const made of projects) made.remove();
});

const ROUTE = `Route.to('a.example', { tlsPassthrough: true })`;
const WARNED = `const demo = new Bottle(app, 'demo', { agent: {}, sidecars: { egress: { routes: [${ROUTE}] } } });`;
const ACKNOWLEDGED = `${WARNED}\nRules.of(demo).acknowledge({ id: 'bottles::route-tls-passthrough', reason: 'a model API, reviewed' });`;
const INVALID = `new Bottle(app, 'demo', { agent: {}, sidecars: { egress: { routes: [Route.to('*.a.example')] } } });`;

/** Neither annotations nor colours of the machine that runs the tests. */
const PLAIN = { GITHUB_ACTIONS: '', NO_COLOR: '1' };
const GITHUB = { ...PLAIN, GITHUB_ACTIONS: 'true' };

const read = (directory: string, file: string): string => readFileSync(join(directory, file), 'utf8');

interface Report {
  readonly summary: object;
  readonly findings: readonly object[];
  readonly failure?: string;
}

test('an acknowledged warning is one line on stderr, none with --quiet, and no error with --strict', async () => {
  const { directory } = project(ACKNOWLEDGED);
  const strict = await bottle(directory, ['synth', '--strict'], PLAIN);
  assert.is(strict.exitCode, 0, strict.stderr);
  assert.is(strict.stderr, '1 warning (1 acknowledged); validation-report.json has the reasons');
  assert.is((await bottle(directory, ['synth', '--strict', '--quiet'], PLAIN)).stderr, '');
  assert.match(read(directory, 'dist/validation-report.json'), '"acknowledged": "a model API, reviewed"');
});

test('a report that cannot be written is found out before the definition runs', async () => {
  const { directory, write } = project(`console.error('it ran');\n${WARNED}`);
  write('a-file', '');
  const { exitCode, stderr } = await bottle(directory, ['synth', '--report', 'a-file/report.json'], PLAIN);
  assert.is(exitCode, 1);
  assert.match(stderr, 'the report a-file/report.json cannot be written');
  assert.not.match(stderr, 'it ran');
  assert.not.ok(existsSync(join(directory, 'dist')));
});

test('a report that can no longer be written hides no finding', async () => {
  const { directory } = project(`const { mkdirSync } = await import('node:fs'); mkdirSync('report.json');\n${INVALID}`);
  const { exitCode, stderr } = await bottle(directory, ['synth', '--report', 'report.json'], PLAIN);
  assert.is(exitCode, 1);
  assert.match(stderr, 'the report report.json cannot be written');
  assert.match(stderr, 'error bottles::route-host');
  assert.match(stderr, /1 error, nothing was written$/);
  assert.not.ok(readdirSync(directory).some((name) => name.startsWith('.report')));
});

test('of a definition that fails before its synth, no older report stays', async () => {
  const { directory, write } = project(`throw new Error('my mistake');`);
  write('report.json', 'old');
  assert.is((await bottle(directory, ['synth', '--report', 'report.json'], PLAIN)).exitCode, 1);
  assert.match(
    (JSON.parse(read(directory, 'report.json')) as Report).failure ?? '',
    /^the definition ended with exit code 1/,
  );
});

test('GitHub’s runner gets annotations on stderr beside the text, unless they are switched off', async () => {
  const { directory } = project(WARNED);
  const title = 'bottles%3A%3Aroute-tls-passthrough';
  const { stdout, stderr } = await bottle(directory, ['synth', '--report', 'out/ci/report.json'], GITHUB);
  assert.match(stderr, /^warning bottles::route-tls-passthrough\n {2}at demo\/Sidecars\/egress \(app\.ts:3\)\n/);
  assert.match(stderr, /^1 warning$/m);
  assert.match(
    stderr,
    new RegExp(`^::warning file=app\\.ts,line=3,title=${title}::demo/Sidecars/egress: .*%0Afix: `, 'm'),
  );
  assert.not.match(stdout, /^::/m);
  assert.is(read(directory, 'out/ci/report.json'), read(directory, 'dist/validation-report.json'));
  assert.not.match((await bottle(directory, ['synth', '--annotations', 'none'], GITHUB)).stderr, /^::/m);
});

test('every verb that synthesizes tells the same findings', async () => {
  const { directory } = project(INVALID);
  for (const args of [['deploy', '--annotations', 'github'], ['list']]) {
    const { exitCode, stderr } = await bottle(directory, args, PLAIN);
    assert.is(exitCode, 1, args.join(' '));
    assert.match(stderr, /^error bottles::route-host\n {2}at demo\/Sidecars\/egress \(app\.ts:3\)/m);
    assert.match(stderr, /error 1 error, nothing was written$/m);
    assert.is(/^::error /m.test(stderr), args.length > 1);
  }
});

test('a verb that shows something else counts warnings, and drops that with --quiet', async () => {
  const { directory } = project(WARNED);
  const explained = ['explain', 'demo', 'GET', 'https://a.example/'];
  const loud = await bottle(directory, explained, PLAIN);
  assert.is(loud.exitCode, 0, loud.stderr);
  assert.is(loud.stderr, '1 warning; bottle synth shows them');
  assert.is((await bottle(directory, [...explained, '--quiet'], PLAIN)).stderr, '');
});

test('errors are data with --json: figures as message, and the findings', async () => {
  const { directory } = project(`${INVALID}\nRules.of(app).acknowledge({ id: 'x', reason: '' });`);
  const { stdout } = await bottle(directory, ['synth', '--json'], PLAIN);
  const { error } = JSON.parse(stdout) as { error: { message: string; findings: { rule: string }[] } };
  assert.is(error.message, '2 errors, nothing was written');
  assert.equal(
    error.findings.map(({ rule }) => rule),
    ['bottles::route-host', 'bottles::missing'],
  );
});

const COMMAND = '\\n::add-mask::x ##[error]y';

test('no build system obeys what a definition prints or what a finding quotes', async () => {
  const { directory } = project(`
    console.log('one${COMMAND}'); console.error('two${COMMAND}');
    Rules.of(app).add({ id: 'acme::x', severity: 'error', fix: 'x${COMMAND}', check: () => [{ message: 'y${COMMAND}' }] });
    ${WARNED}`);
  const { stdout, stderr } = await bottle(directory, ['synth', '--json'], PLAIN);
  for (const said of ['one', 'two']) assert.match(stderr, said);
  for (const text of [stdout, stderr]) {
    assert.not.match(text, /^\s*::|##\[/m);
    assert.match(text, 'add-mask');
  }
});

test('a document with a line that a build system would obey goes into a file, and not where one may read', async () => {
  const { directory } = project(
    `const { agent } = new Bottle(app, 'demo', { agent: {}, sidecars: {} });
    agent.addOverride('x-note', { '::add-mask::x': 1 });`,
  );
  const { exitCode, stdout, stderr } = await bottle(directory, ['synth', 'demo'], PLAIN);
  const text = read(directory, 'dist/demo/compose.yaml');
  assert.match(text, /^\s*::add-mask::x: 1$/m, 'the document no longer shows what this is about');
  assert.is(exitCode, 1);
  assert.is(stdout, '');
  assert.match(stderr, 'a build system would obey');
  const file = openSync(join(directory, 'compose.yaml'), 'w');
  const [node, ...argv] = typescriptArgv(join(ROOT, 'bin/bottle.ts'));
  execFileSync(node, [...argv, 'synth', 'demo'], { cwd: directory, stdio: ['ignore', file, 'pipe'] });
  closeSync(file);
  assert.is(read(directory, 'compose.yaml'), text);
});

test('20,000 findings come to an end: the first are shown, the report has all', async () => {
  const { directory } = project(`
    Rules.of(app).add({
      id: 'acme::many', severity: 'error', fix: 'x',
      check: () => Array.from({ length: 1000 }, (_, index) => ({ message: 'breach ' + index })),
    });
    for (let index = 0; index < 20; index += 1) new Bottle(app, 'b' + index, { agent: {}, sidecars: {} });`);
  const { exitCode, stderr } = await bottle(directory, ['synth', '--report', 'report.json'], PLAIN);
  assert.is(exitCode, 1);
  assert.match(stderr, 'and 19800 more');
  assert.match(stderr, /20000 errors, nothing was written$/);
  assert.is((JSON.parse(read(directory, 'report.json')) as Report).findings.length, 20_000);
});

test('findings that another version left are refused, not guessed at', async () => {
  const { directory } = temporary(`writeFileSync(process.env.CLAUDE_BOTTLE_FINDINGS, '[]');`);
  const { exitCode, stderr } = await bottle(directory, ['synth'], PLAIN);
  assert.is(exitCode, 1);
  assert.match(stderr, 'no findings that this version reads');
});

/** A project whose definition is `body`, with writeFileSync at hand. */
function temporary(body: string): TemporaryProject {
  const made = temporaryProject(`import { writeFileSync } from 'node:fs';\n${body}`);
  projects.push(made);
  return made;
}

test.run();
