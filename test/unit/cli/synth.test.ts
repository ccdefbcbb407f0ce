import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { bottle, type TemporaryProject, temporaryProject } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bottle synth', { timeoutMs: 120_000 });

const projects: TemporaryProject[] = [];
function project(body: string): TemporaryProject {
  const made = temporaryProject(
    `import { App, Auth, Bottle, GitRemote, HostEnv, Mount, Route, SidecarBundle, Workspace } from 'claude-bottle';\n${body}`,
  );
  projects.push(made);
  return made;
}
test.after(() => {
  for (const made of projects) made.remove();
});

const bottles = (definitions: string): string => `const app = new App();\n${definitions}\napp.synth();\n`;

test('writes the assembly and lists its files on stdout', async () => {
  const { directory } = project(bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: {} });`));
  const { exitCode, stdout, stderr } = await bottle(directory, ['synth']);
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, 'dist/demo/compose.yaml');
  assert.ok(existsSync(join(directory, 'dist/manifest.json')));
});

test('prints the compose file of the one bottle that is named, byte for byte', async () => {
  const { directory } = project(bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: {} });`));
  const { exitCode, stdout } = await bottle(directory, ['synth', 'demo']);
  assert.is(exitCode, 0);
  assert.is(`${stdout}\n`, readFileSync(join(directory, 'dist/demo/compose.yaml'), 'utf8'));
});

test('prints the result as JSON with --json', async () => {
  const { directory } = project(bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: {} });`));
  const { stdout } = await bottle(directory, ['synth', '--json']);
  assert.equal(Object.keys((JSON.parse(stdout) as { bottles: object }).bottles), ['demo']);
});

test('gives a bottle a suffix with -c suffix=…', async () => {
  const { directory } = project(bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: {} });`));
  const { exitCode, stderr } = await bottle(directory, ['synth', '-c', 'suffix=two']);
  assert.is(exitCode, 0, stderr);
  assert.ok(existsSync(join(directory, 'dist/demo-two/compose.yaml')));
});

test('an invalid app shows every finding at once, writes nothing and exits 1', async () => {
  const { directory } = project(
    bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: { egress: { routes: [
      Route.to('https://a.example/x'), Route.to('b.example', { method: ['GET'] }), Route.to('c.example'), Route.to('C.example'),
    ] } } });
    new Bottle(app, 'egress-x', { agent: {}, sidecars: {} });`),
  );
  const { exitCode, stdout, stderr } = await bottle(directory, ['synth']);
  assert.is(exitCode, 1);
  assert.is(stdout, '');
  for (const word of ['https://a.example/x', 'method', 'c.example', 'egress-x', 'fix:']) assert.match(stderr, word);
  assert.not.ok(existsSync(join(directory, 'dist')));
});

test('an invalid app leaves the last good output as it was', async () => {
  const good = project(bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: {} });`));
  await bottle(good.directory, ['synth']);
  const before = readFileSync(join(good.directory, 'dist/demo/compose.yaml'), 'utf8');
  const bad = project(bottles(`new Bottle(app, 'demo', { agent: {} });`));
  writeFileSync(join(good.directory, 'app.ts'), readFileSync(join(bad.directory, 'app.ts')));
  assert.is((await bottle(good.directory, ['synth'])).exitCode, 1);
  assert.is(readFileSync(join(good.directory, 'dist/demo/compose.yaml'), 'utf8'), before);
});

const BAD_INPUT: readonly (readonly [what: string, sidecars: string, says: RegExp])[] = [
  ['an unknown route key', `egress: { routes: [Route.to('a.example', { paths: ['/x'] })] }`, /paths/],
  ['a host with a port', `egress: { routes: [Route.to('a.example:8443')] }`, /a\.example:8443/],
  ['a host with a scheme', `egress: { routes: [Route.to('https://a.example')] }`, /https:\/\/a\.example/],
  ['a host with a path', `egress: { routes: [Route.to('a.example/x')] }`, /a\.example\/x/],
  ['a wildcard host', `egress: { routes: [Route.to('*.a.example')] }`, /\*\.a\.example/],
  ['two routes for one host', `egress: { routes: [Route.to('a.example'), Route.to('A.Example')] }`, /a\.example/i],
  ['an empty auth', `egress: { routes: [Route.to('a.example', { auth: {} })] }`, /auth/],
  [
    'a forbidden auth header',
    `egress: { routes: [Route.to('a.example', { auth: Auth.header('Host', HostEnv.of('X')) })] }`,
    /Host/,
  ],
  [
    'a remote without a host key',
    `gitGate: { remotes: [GitRemote.ssh('app', 'ssh://git@h.example/a.git', { identityFile: '~/.ssh/id' })] }`,
    /knownHostKey/,
  ],
  ['a proxy variable on the bundle', `env: { hTTps_proxy: 'http://x' }`, /hTTps_proxy/],
];

for (const [what, sidecars, says] of BAD_INPUT) {
  test(`${what} is refused with a message that names it`, async () => {
    const { directory } = project(bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: { ${sidecars} } });`));
    const { exitCode, stderr } = await bottle(directory, ['synth']);
    assert.is(exitCode, 1);
    assert.match(stderr, says);
    assert.match(stderr, 'fix:');
    assert.not.ok(existsSync(join(directory, 'dist')));
  });
}

test('a workspace of an undeclared remote is refused', async () => {
  const definition = `new Bottle(app, 'demo', { agent: { workspace: Workspace.clone('nope') }, sidecars: {} });`;
  const { exitCode, stderr } = await bottle(project(bottles(definition)).directory, ['synth']);
  assert.is(exitCode, 1);
  assert.match(stderr, 'nope');
});

test('two bundles in one bottle, or none, are refused', async () => {
  for (const definition of [
    `const b = new Bottle(app, 'demo', { agent: {}, sidecars: {} }); new SidecarBundle(b, 'Second', {});`,
    `new Bottle(app, 'demo', { agent: {} });`,
  ]) {
    const { exitCode, stderr } = await bottle(project(bottles(definition)).directory, ['synth']);
    assert.is(exitCode, 1);
    assert.match(stderr, /SidecarBundle|sidecars/);
  }
});

test('a duplicate slug is refused', async () => {
  const twice = `new Bottle(app, 'demo', { agent: {}, sidecars: {} }); new Bottle(app, 'other', { slug: 'demo', agent: {}, sidecars: {} });`;
  const { exitCode, stderr } = await bottle(project(bottles(twice)).directory, ['synth']);
  assert.is(exitCode, 1);
  assert.match(stderr, 'demo');
});

test('a definition that throws shows the stack with its own line', async () => {
  const { directory } = project(`\nthrow new Error('my mistake');`);
  const { exitCode, stderr } = await bottle(directory, ['synth']);
  assert.is(exitCode, 1);
  assert.match(stderr, 'my mistake');
  assert.match(stderr, /app\.ts:3/);
});

test('a definition that never calls synth is told so', async () => {
  const { exitCode, stderr } = await bottle(project('new App();').directory, ['synth']);
  assert.is(exitCode, 1);
  assert.match(stderr, 'app.synth()');
});

test('a cdk.json without app, with bad JSON, or absent is told so', async () => {
  const made = project('');
  for (const text of ['{}', '{ "app": ', '[]', '{ "app": 5 }']) {
    made.write('cdk.json', text);
    const { exitCode, stderr } = await bottle(made.directory, ['synth']);
    assert.is(exitCode, 1, text);
    assert.match(stderr, 'cdk.json');
  }
});

test('usage mistakes exit 2', async () => {
  const { directory } = project(bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: {} });`));
  for (const args of [['nonsense'], ['synth', '--nonsense'], ['synth', 'absent'], ['synth', '-c', 'novalue']]) {
    assert.is((await bottle(directory, args)).exitCode, 2, args.join(' '));
  }
});

test('what the command line cannot be read as is told like every other mistake, with --json as JSON', async () => {
  const { directory } = project('');
  const text = await bottle(directory, ['synth', '--nonsense']);
  assert.is(text.stderr, "error unknown option '--nonsense'\nfix bottle --help lists the verbs");
  const { exitCode, stdout } = await bottle(directory, ['explain', '--json']);
  assert.is(exitCode, 2);
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
  assert.equal([error.code, error.message], ['usage/arguments', "missing required argument 'slug'"]);
});

test('a second app in one definition is refused, where it would take the place of the first', async () => {
  const { directory } = project(
    bottles(`new Bottle(app, 'demo', { agent: {}, sidecars: {} });
app.synth();
const other = new App();
new Bottle(other, 'other', { agent: {}, sidecars: {} });
other.synth();`),
  );
  const { exitCode, stderr } = await bottle(directory, ['synth']);
  assert.is(exitCode, 1);
  assert.match(stderr, 'app.synth() was called a second time');
});

test('a credential in what a failed definition prints is not told', async () => {
  const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
  const { directory } = project(
    `throw new Error('refused: ' + ['${token.slice(0, 9)}', '${token.slice(9)}'].join(''));`,
  );
  const { exitCode, stderr, stdout } = await bottle(directory, ['synth', '--json']);
  assert.is(exitCode, 1);
  assert.match(stderr, /refused: \[redacted\]/);
  assert.not.match(stderr + stdout, token);
});

test('--strict turns a warning into an error, and --report keeps the findings', async () => {
  const { directory } = project(
    bottles(
      `new Bottle(app, 'demo', { agent: {}, sidecars: { egress: { routes: [Route.to('a.example', { tlsPassthrough: true })] } } });`,
    ),
  );
  assert.is((await bottle(directory, ['synth'])).exitCode, 0);
  const strict = await bottle(directory, ['synth', '--strict', '--report', 'report.json', '-o', 'elsewhere']);
  assert.is(strict.exitCode, 1);
  const report = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as { findings: unknown[] };
  assert.is(report.findings.length, 1);
  assert.not.ok(readdirSync(directory).includes('elsewhere'));
});

const WARNED = bottles(
  `new Bottle(app, 'demo', { agent: {}, sidecars: { egress: { routes: [Route.to('a.example', { tlsPassthrough: true })] } } });`,
);

test('--quiet keeps results and warnings, and drops nothing else than progress', async () => {
  const { directory } = project(WARNED);
  const loud = await bottle(directory, ['synth']);
  const quiet = await bottle(directory, ['synth', '--quiet']);
  assert.match(quiet.stderr, /^warning bottles::/m);
  assert.match(quiet.stderr, 'a.example');
  assert.is(quiet.stdout, loud.stdout);
  assert.match(quiet.stdout, 'dist/demo/compose.yaml');
});

test('what a definition prints on stderr is shown, also if it succeeds, is quiet or is refused', async () => {
  const { directory } = project(`console.error('deprecated: x');\n${WARNED}`);
  for (const args of [['synth'], ['synth', '--quiet'], ['synth', '--json']]) {
    const { exitCode, stderr } = await bottle(directory, args);
    assert.is(exitCode, 0, stderr);
    assert.match(stderr, 'deprecated: x');
  }
  const refused = await bottle(directory, ['synth', '--strict']);
  assert.is(refused.exitCode, 1);
  assert.match(refused.stderr, 'deprecated: x');
  assert.not.match(refused.stderr, /Node\.js v|triggerUncaughtException|findings: \[/);
  assert.is(refused.stderr.split('tls-passthrough').length, 2, refused.stderr);
});

test('a definition that fails without a word is told so, and no stack is spoken of', async () => {
  const { directory } = project(`process.exit(3);`);
  const { exitCode, stderr } = await bottle(directory, ['synth']);
  assert.is(exitCode, 1);
  assert.match(stderr, 'exit code 3 and printed nothing');
  assert.not.match(stderr, 'stack');
});

test('an unknown key in cdk.json is refused with the key that was meant', async () => {
  const made = project(WARNED);
  const content = JSON.parse(readFileSync(join(made.directory, 'cdk.json'), 'utf8')) as object;
  made.write('cdk.json', JSON.stringify({ ...content, contxt: { suffix: 'two' }, language: 'go' }));
  const { exitCode, stderr } = await bottle(made.directory, ['synth']);
  assert.is(exitCode, 1);
  assert.match(stderr, '"contxt" (did you mean "context"?)');
  assert.match(stderr, 'allowed: app, output and context');
  assert.not.ok(existsSync(join(made.directory, 'dist')));
});

test.run();
