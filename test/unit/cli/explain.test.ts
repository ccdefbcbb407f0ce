import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type ExplainFlags, questionOf } from '../../../lib/cli/explain-question.ts';
import { BottleError } from '../../../lib/errors.ts';
import { deployedText } from '../../../lib/operate/state/deployed.ts';
import { renderBottle } from '../../../lib/render/index.ts';
import { bottle, type TemporaryProject, temporaryProject } from '../../support/cli.ts';
import { planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bottle explain', { timeoutMs: 60_000 });

const DEFINITION = `import { App, Auth, Bottle, GitRemote, HostEnv, Route } from 'claude-bottle';
const app = new App();
new Bottle(app, 'demo', {
  agent: {},
  sidecars: {
    egress: {
      routes: [
        Route.to('docs.example.org'),
        Route.to('api.example.org', { methods: ['GET'], auth: Auth.bearer(HostEnv.of('API_TOKEN')) }),
      ],
    },
    gitGate: {
      remotes: [
        GitRemote.ssh('app', 'ssh://git@git.example.org/acme/app.git', {
          identityFile: '~/.ssh/id_ed25519',
          knownHostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
        }),
      ],
    },
  },
});
app.synth();
`;

let project: TemporaryProject;
let home = '';

test.before(() => {
  project = temporaryProject(DEFINITION);
  home = mkdtempSync(join(tmpdir(), 'claude-bottle-explain-home-'));
});
test.after(() => {
  project.remove();
  rmSync(home, { recursive: true, force: true });
});

const explain = (...words: readonly string[]) =>
  bottle(project.directory, ['explain', ...words], { CLAUDE_BOTTLE_HOME: home });

test('tells verdict, rule, the line of the route, and what would open it', async () => {
  const { exitCode, stdout } = await explain('demo', 'POST', 'https://api.example.org/v1');
  assert.is(exitCode, 0);
  assert.match(stdout, /^refused {2}POST https:\/\/api\.example\.org\/v1$/m);
  assert.match(stdout, /egress, rule method/);
  assert.match(stdout, /api\.example\.org \(app\.ts:9\): GET on any path, port 443/);
  assert.match(stdout, /with the credential API_TOKEN/);
  assert.match(
    stdout,
    /methods: \['GET', 'POST'\], auth: Auth\.bearer\(HostEnv\.of\('API_TOKEN'\)\) \}\) \(app\.ts:9\)/,
  );
  assert.match(stdout, /bottle allow demo api\.example\.org --method POST/);
});

test('tells the same as data with --json, and writes nothing into the project', async () => {
  const { stdout } = await explain('demo', 'GET', 'https://docs.example.org/', '--json');
  const told = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(
    [told['verdict'], told['by'], told['rule'], told['policy']],
    ['allowed', 'egress', 'route', 'definition'],
  );
  assert.equal((told['route'] as { location: unknown }).location, { file: 'app.ts', line: 8 });
  const { stdout: listed } = await explain('demo', 'git', 'push', 'app', 'agent/x', '--json');
  assert.equal((JSON.parse(listed) as { remote: { location: unknown } }).remote.location, { file: 'app.ts', line: 14 });
  assert.throws(() => rmSync(join(project.directory, 'dist')));
});

test('exits 0 on any verdict, and with --fail 1 on a refusal alone', async () => {
  assert.is((await explain('demo', 'GET', 'https://evil.example/')).exitCode, 0);
  assert.is((await explain('demo', 'GET', 'https://evil.example/', '--fail')).exitCode, 1);
  assert.is((await explain('demo', 'GET', 'https://docs.example.org/', '--fail')).exitCode, 0);
});

const mistakes: readonly [what: string, words: readonly string[], said: RegExp, flags?: ExplainFlags][] = [
  ['no method', ['https://docs.example.org/'], /no method is named[\s\S]*GET https:\/\/docs/],
  ['no URL', ['GET'], /GET of what/],
  ['a URL in two words', ['GET', 'https://a.example/', 'b'], /too much/],
  ['another verb of git', ['git', 'rebase', 'app'], /nothing to judge; allowed: push, fetch/],
  ['no remote', ['git', 'push'], /git push of what/],
  ['two refs', ['git', 'push', 'app', 'a', 'b'], /one ref at a time/],
  ['a flag of git with a request', ['GET', 'https://docs.example.org/'], /go with git push/, { force: true }],
  ['a flag of a push with a fetch', ['git', 'fetch', 'app'], /go with git push/, { path: ['x'] }],
  ['a flag of a request with git', ['git', 'push', 'app', 'x'], /goes with a request/, { header: ['A: b'] }],
  ['a header that is none', ['GET', 'https://docs.example.org/'], /not of the form/, { header: ['nothing'] }],
  ['a header with a break', ['GET', 'https://docs.example.org/'], /control character/, { header: ['A: b\u0000c'] }],
];
for (const [what, words, said, flags = {}] of mistakes) {
  test(`${what} is a usage error that says so`, () => {
    try {
      questionOf('demo', words, flags);
    } catch (error) {
      assert.instance(error, BottleError);
      const { message, fix = '', exitCode } = error as BottleError;
      assert.match(`${message}\n${fix}`, said);
      assert.ok(fix);
      assert.is(exitCode, 2);
      return;
    }
    assert.unreachable(what);
  });
}

test('an unknown bottle or remote, and one that is not deployed, are errors that name what there is', async () => {
  const [bottles, remotes, deployed] = await Promise.all([
    explain('dmo', 'GET', 'https://docs.example.org/'),
    explain('demo', 'git', 'push', 'other', 'main'),
    explain('demo', 'GET', 'https://docs.example.org/', '--deployed'),
  ]);
  assert.equal([bottles.exitCode, remotes.exitCode, deployed.exitCode], [2, 2, 1]);
  assert.match(bottles.stderr, /no such bottle: dmo[\s\S]*declares: demo/);
  assert.match(remotes.stderr, /no such remote: 'other'; declared are: app/);
  assert.match(deployed.stderr, /not deployed here/);
});

test('with --deployed judges the files that the daemons run, with who granted what', async () => {
  const plan = planWith(['egress']);
  const state = join(home, 'state', plan.slug);
  for (const [path, text] of Object.entries(renderBottle(plan))) {
    mkdirSync(join(state, path, '..'), { recursive: true, mode: 0o700 });
    const live = text.replace(
      'routes:\n',
      'routes:\n  - host: new.example.org\n    ports: [443]\n    grant: { id: 00000000-0000-4000-8000-000000000001 }\n',
    );
    writeFileSync(
      join(state, path),
      path === 'egress/routes.yaml' ? live : text.replace('api_allowlist:\n', 'api_allowlist:\n  - new.example.org\n'),
    );
  }
  const grant = { id: '00000000-0000-4000-8000-000000000001', host: 'new.example.org', kind: 'open', ports: [443] };
  const who = { time: '2026-03-01T12:00:00.000Z', who: 'ann', why: 'to read', origin: 'allow' };
  writeFileSync(join(state, 'grants.json'), JSON.stringify({ version: 1, grants: [{ ...grant, ...who }] }), {
    mode: 0o600,
  });
  const image = { reference: 'x', id: 'sha256:0' };
  writeFileSync(
    join(state, 'deployed.json'),
    deployedText({
      version: 1,
      slug: plan.slug,
      app: 'a-project',
      path: plan.path,
      projectDir: project.directory,
      complete: true,
      daemons: ['egress', 'pipelock'],
      shape: 'bundle',
      images: { agent: image, sidecars: image },
      scanner: 'builtin',
      assembly: {},
      hostVariables: [],
      tokens: [{ slot: 'EGRESS_TOKEN_1', from: 'GH_TOKEN' }],
    } as unknown as Parameters<typeof deployedText>[0]),
  );
  const granted = await explain(plan.slug, 'GET', 'https://new.example.org/', '--deployed');
  assert.match(granted.stdout, /^allowed/, granted.stderr);
  assert.match(granted.stdout, /as deployed/);
  assert.match(granted.stdout, /opened by ann at 2026-03-01T12:00:00\.000Z: to read/);
  const declared = await explain(plan.slug, 'GET', 'https://api.github.com/repos/acme/x', '--deployed', '--json');
  assert.is(
    (JSON.parse(declared.stdout) as { route: { credential: { name: string } } }).route.credential.name,
    'GH_TOKEN',
  );
  writeFileSync(join(state, 'egress/routes.yaml'), 'version: 2\n');
  const broken = await explain(plan.slug, 'GET', 'https://new.example.org/', '--deployed');
  assert.is(broken.exitCode, 1);
  assert.match(broken.stderr, /routes\.yaml of .* is one that its daemon refuses[\s\S]*bottle deploy/);
});

test.run();
