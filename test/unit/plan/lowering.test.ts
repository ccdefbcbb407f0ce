import {
  Agent,
  App,
  Auth,
  Bottle,
  Egress,
  EnvValue,
  HostEnv,
  Image,
  Mount,
  Route,
  SidecarBundle,
  Workspace,
} from 'claude-bottle';
import * as assert from 'uvu/assert';
import { lower } from '../../../constructs/app.ts';
import { CI_DEFINITIONS } from '../../../lib/plan/lower/index.ts';
import { suite } from '../../support/suite.ts';
import { apiExample } from '../constructs/api-example.ts';
import {
  appOf,
  findingsOf,
  hostKey,
  planOf,
  remote,
  rulesOf,
  withAgent,
  withRemotes,
  withSidecars,
} from '../rules/definition.ts';

const test = suite('lowering');

test('the documented example lowers to what it says, with one warning', () => {
  const app = apiExample(hostKey());
  assert.equal(rulesOf(findingsOf(app)), ['bottles::route-tls-passthrough']);
  const plan = planOf(app);
  assert.is(plan.slug, 'demo');
  assert.is(plan.app, 'claude-bottle');
  assert.equal(plan.sidecars.daemons, ['egress', 'pipelock', 'git-gate', 'supervise']);
  assert.equal(plan.sidecars.egress?.tokens, ['CLAUDE_CODE_OAUTH_TOKEN', 'GH_TOKEN']);
  assert.equal(plan.sidecars.egress?.routes[1], {
    host: 'api.github.com',
    ports: [443],
    methods: ['GET'],
    pathPrefixes: ['/repos/acme/'],
    auth: { scheme: 'Bearer', from: 'GH_TOKEN', slot: 1 },
    tlsPassthrough: false,
    privateUpstream: false,
    webSocket: false,
  });
  assert.equal(plan.agent.env, [
    { kind: 'literal', name: 'EDITOR', value: 'vim' },
    { kind: 'host', name: 'LANG', from: 'LANG' },
  ]);
  assert.equal(plan.agent.workspace, { kind: 'clone', remote: 'app' });
  assert.is(plan.sidecars.supervise?.deadlineSeconds, 600);
  const [app_] = plan.sidecars.gitGate?.remotes ?? [];
  assert.is(app_?.access, 'push');
  assert.equal(app_?.protectedPaths, CI_DEFINITIONS);
  assert.equal(app_?.allow, { force: false, delete: false, tags: false });
});

test('the defaults are the documented ones', () => {
  const { agent, sidecars } = planOf(appOf({}, {}));
  assert.equal(agent.resources, { memory: '4g', pids: 1024 });
  assert.equal(sidecars.resources, { memory: '1g', pids: 512 });
  assert.equal(agent.command, ['sleep', 'infinity']);
  assert.is(agent.readOnlyRoot, true);
  assert.equal(sidecars.daemons, ['pipelock']);
  assert.equal(sidecars.egressNetwork, { kind: 'managed' });
  assert.is(sidecars.pipelock.maxResponseBytes, 32 * 1024 ** 2);
  assert.is(sidecars.pipelock.maxBodyBytes, 5 * 1024 ** 2);
  assert.equal(findingsOf(appOf({}, {})), []);
});

test('a bind mount is read-only unless it says otherwise', () => {
  const { mounts } = planOf(
    withAgent({ mounts: [Mount.bind('a', '/a'), Mount.bind('b', '/b', { readOnly: false })] }),
  ).agent;
  assert.equal(
    mounts.map((mount) => mount.kind === 'bind' && mount.readOnly),
    [true, false],
  );
});

test('routes that share a host variable share its slot, in order of declaration', () => {
  const auth = (name: string): Auth => Auth.header('X-Api-Key', HostEnv.of(name));
  const app = withSidecars({
    egress: {
      routes: [Route.to('a.example.org', { auth: auth('B') }), Route.to('b.example.org', { auth: auth('A') })],
    },
  });
  const bottle = app.node.findChild('demo');
  Bottle.of(bottle).sidecars.egress?.addRoute(Route.to('c.example.org', { auth: auth('B') }));
  const { egress } = planOf(app).sidecars;
  assert.equal(egress?.tokens, ['B', 'A']);
  assert.equal(
    egress?.routes.map(({ auth: of }) => of?.slot),
    [0, 1, 0],
  );
});

test('hosts are lower case in the plan', () => {
  const app = withSidecars({
    egress: { routes: [Route.to('API.Example.ORG')] },
    pipelock: { allow: ['*.CDN.example.org'] },
  });
  const { egress, pipelock } = planOf(app).sidecars;
  assert.is(egress?.routes[0]?.host, 'api.example.org');
  assert.equal(pipelock.allow, ['*.cdn.example.org']);
});

test('egress and git-gate without entries are not in the bottle', () => {
  assert.equal(planOf(withSidecars({ egress: {}, gitGate: { remotes: [] }, supervise: false })).sidecars.daemons, [
    'pipelock',
  ]);
});

test('agent and bundle may be children, and what is added to them counts', () => {
  const app = new App();
  const bottle = new Bottle(app, 'demo');
  const agent = new Agent(bottle, 'Agent', { env: { A: '1' } });
  agent.addEnv('B', EnvValue.fromHost('LANG'));
  agent.addMount(Mount.volume('v', '/data'));
  const sidecars = new SidecarBundle(bottle, 'Sidecars');
  new Egress(sidecars, 'egress').addRoute(Route.to('a.example.org'));
  const plan = planOf(app);
  assert.equal(findingsOf(app), []);
  assert.equal(
    plan.agent.env.map(({ name }) => name),
    ['A', 'B'],
  );
  assert.is(plan.agent.mounts.length, 1);
  assert.equal(plan.sidecars.daemons, ['egress', 'pipelock']);
});

test('a bottle without agent or bundle, or with two of one, is an error for each', () => {
  const app = new App();
  new Bottle(app, 'none');
  const two = new Bottle(app, 'two', { agent: {}, sidecars: { egress: {} } });
  new Agent(two, 'Agent');
  new SidecarBundle(two, 'Sidecars');
  new Egress(two.sidecars, 'another');
  const errors = lower(app, {}).findings.filter(({ rule }) => rule === 'bottles::exactly-one');
  assert.equal(
    errors.map(({ path }) => path),
    ['none', 'none', 'two', 'two', 'two/Sidecars'],
  );
  assert.match(errors[2]?.message ?? '', /2 Agent constructs .* 'two\/Agent' and 'two\/Agent#2'/);
});

test('a construct out of its place is an error, not passed over', () => {
  const app = new App();
  const bottle = new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  new Agent(app, 'Stray');
  new Egress(bottle, 'egress');
  new Bottle(bottle, 'inner', { agent: {}, sidecars: {} });
  const stray = lower(app, {}).findings.filter(({ rule }) => rule === 'bottles::misplaced-construct');
  assert.equal(stray.map(({ path }) => path).sort(), ['Stray', 'demo/egress', 'demo/inner']);
});

test('an app without a bottle is an error', () => {
  assert.equal(rulesOf(findingsOf(new App())), ['bottles::missing']);
});

test('a suffix of the context is behind every slug', () => {
  const app = new App({ context: { suffix: 'two' } });
  const bottle = new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  const named = new Bottle(app, 'other', { slug: 'named', agent: {}, sidecars: {} });
  assert.equal([bottle.slug, named.slug], ['demo-two', 'named-two']);
  assert.equal(
    lower(app, {}).plans.map(({ slug }) => slug),
    ['demo-two', 'named-two'],
  );
});

test('the environment names the image of the bundle, whatever the definition says', () => {
  const app = withSidecars({ image: Image.from('mine:1') });
  const image = (environment: Record<string, string>): unknown => lower(app, environment).plans[0]?.sidecars.image;
  assert.equal(image({ CLAUDE_BOTTLE_SIDECAR_IMAGE: 'theirs:2' }), { kind: 'reference', reference: 'theirs:2' });
  assert.equal(image({ CLAUDE_BOTTLE_SIDECAR_IMAGE: '' }), { kind: 'reference', reference: 'mine:1' });
  assert.ok(rulesOf(findingsOf(app, { CLAUDE_BOTTLE_SIDECAR_IMAGE: 'a b' })).includes('bottles::image-reference'));
});

test('the shape is what the definition says, unless the environment asks for split in one of four words', () => {
  const shapeOf = (declared?: 'bundle' | 'split', flag?: string): unknown => {
    const app = withSidecars(declared === undefined ? {} : { shape: declared });
    const lowered = lower(app, flag === undefined ? {} : { CLAUDE_BOTTLE_SIDECAR_BUNDLE: flag });
    assert.equal(lowered.findings, []);
    return lowered.plans[0]?.sidecars.shape;
  };
  assert.is(shapeOf(undefined), 'bundle');
  assert.is(shapeOf('bundle'), 'bundle');
  assert.is(shapeOf('split'), 'split');
  for (const word of ['0', 'false', 'no', 'off', 'False', 'FALSE', 'nO', ' OFF ', '\t0\n']) {
    assert.is(shapeOf('bundle', word), 'split', word);
    assert.is(shapeOf(undefined, word), 'split', word);
  }
  for (const word of ['', ' ', '1', 'true', 'yes', 'on', 'nope', 'f', '00', 'offf', 'n o', 'split', 'bundle']) {
    assert.is(shapeOf('split', word), 'split', word);
    assert.is(shapeOf('bundle', word), 'bundle', word);
    assert.is(shapeOf(undefined, word), 'bundle', word);
  }
});

test('a shape that there is none of is an error, whatever the environment says', () => {
  for (const shape of ['both', 'Split', '', 0]) {
    for (const environment of [{}, { CLAUDE_BOTTLE_SIDECAR_BUNDLE: '0' }]) {
      assert.equal(
        rulesOf(findingsOf(withSidecars({ shape } as never), environment)),
        ['bottles::wrong-type'],
        String(shape),
      );
    }
  }
});

test('a workspace from the host reaches the plan as it is spelled, writable unless it says otherwise', () => {
  const workspaceOf = (workspace: Workspace): unknown => planOf(withAgent({ workspace })).agent.workspace;
  assert.equal(workspaceOf(Workspace.copy('~/src/app/')), { kind: 'copy', hostPath: '~/src/app/' });
  assert.equal(workspaceOf(Workspace.bind('../app')), { kind: 'bind', hostPath: '../app', readOnly: false });
  assert.equal(workspaceOf(Workspace.bind('../app', { readOnly: true })), {
    kind: 'bind',
    hostPath: '../app',
    readOnly: true,
  });
  for (const bad of [
    Workspace.copy(''),
    Workspace.bind('../app', { readonly: true } as never),
    Workspace.copy(7 as never),
  ]) {
    assert.is(rulesOf(findingsOf(withAgent({ workspace: bad })))[0]?.startsWith('bottles::'), true);
  }
});

test('what is asked for, skills and prompt reach the plan', () => {
  const { agent } = planOf(
    withAgent({ env: { A: EnvValue.ask('Which?') }, skills: ['skills/review/', '~/x/check'], prompt: 'Be kind.\n' }),
  );
  assert.equal(agent.env, [{ kind: 'ask', name: 'A', question: 'Which?' }]);
  assert.equal(agent.skills, [
    { name: 'check', source: '~/x/check' },
    { name: 'review', source: 'skills/review/' },
  ]);
  assert.is(agent.prompt, 'Be kind.\n');
  assert.equal(planOf(withAgent({})).agent.skills, []);
  assert.not('prompt' in planOf(withAgent({})).agent);
});

test('a question, skills or a prompt of another shape are reported where they are', () => {
  const wrong: readonly (readonly [App, string])[] = [
    [withAgent({ env: { A: EnvValue.ask('') } }), 'bottles::missing'],
    [withAgent({ env: { A: EnvValue.ask(undefined as never) } }), 'bottles::missing'],
    [withAgent({ env: { A: EnvValue.ask(3 as never) } }), 'bottles::wrong-type'],
    [withAgent({ skills: 'skills/a' as never }), 'bottles::wrong-type'],
    [withAgent({ skills: [3] as never }), 'bottles::wrong-type'],
    [withAgent({ prompt: ['x'] as never }), 'bottles::wrong-type'],
  ];
  for (const [index, [app, rule]] of wrong.entries()) assert.equal(rulesOf(findingsOf(app)), [rule], `case ${index}`);
});

test('branches and allowances of a remote reach the plan', () => {
  const [plan] =
    planOf(withRemotes(remote({ branches: ['agent/*'], allow: { tags: true } }))).sidecars.gitGate?.remotes ?? [];
  assert.equal(plan?.branches, ['agent/*']);
  assert.equal(plan?.allow, { force: false, delete: false, tags: true });
});

test.run();
