import { Agent, App, Bottle, GitRemote, Mount, Route } from 'claude-bottle';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { lower } from '../../../constructs/app.ts';
import type { Finding } from '../../../lib/plan/index.ts';
import { suite } from '../../support/suite.ts';
import { bearer, findingsOf } from '../rules/definition.ts';

const test = suite('bad shapes', { timeoutMs: 30_000 });

/** `props` past the type checker, as a definition in plain JavaScript would pass them. */
function bottle(props: unknown): readonly Finding[] {
  const app = new App();
  new Bottle(app, 'demo', props as never);
  return findingsOf(app);
}

const messages = (findings: readonly Finding[]): string =>
  findings.map(({ rule, path, message, fix }) => `${rule} ${path} ${message} | ${fix}`).join('\n');

const routes = (...values: unknown[]): readonly Finding[] =>
  bottle({ agent: {}, sidecars: { egress: { routes: values } } });

test('an unknown key is named, with the one that was meant', () => {
  const found = messages(routes(Route.to('a.example.org', { metods: ['GET'] } as never)));
  assert.match(found, /^bottles::unknown-key demo\/Sidecars\/egress unknown key 'metods' in route 'a\.example\.org'/);
  assert.match(found, /did you mean 'methods'\?; allowed: methods, pathPrefixes, ports/);
});

test('unknown keys are found at every level', () => {
  const found = bottle({
    a: 1,
    agent: { b: 1, mounts: [Mount.bind('x', '/x', { c: 1 } as never)], resources: { d: 1 } },
    sidecars: { e: 1, egress: { f: 1 }, pipelock: { g: 1 }, gitGate: { h: 1 }, supervise: { i: 1 } },
  });
  const keys = found
    .filter(({ rule }) => rule === 'bottles::unknown-key')
    .map(({ message }) => /'(\w)'/.exec(message)?.[1]);
  assert.equal(keys.sort(), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']);
});

test('an empty auth, and auth that is no Auth, is an error', () => {
  for (const auth of [{}, null, '', 'GH_TOKEN', { scheme: 'Bearer', tokenFrom: 'X' }, []]) {
    const found = messages(routes(Route.to('a.example.org', { auth } as never)));
    assert.match(found, /^bottles::wrong-type .*`auth` of route 'a\.example\.org' is/, JSON.stringify(auth));
  }
});

test('a value of another kind is an error', () => {
  assert.match(messages(routes(bearer())), /routes\[0\] is an Auth; allowed: Route values such as Route\.to/);
  assert.match(messages(routes({ host: 'a.example.org' })), /routes\[0\] is an object/);
  assert.match(messages(routes(undefined)), /routes\[0\] is undefined/);
  assert.match(
    messages(bottle({ agent: { image: 'debian' }, sidecars: {} })),
    /`image` is a text; allowed: Image values/,
  );
});

test('a remote without host key or identity file says so', () => {
  const remotes = [GitRemote.ssh('app', 'git@git.example.org:app.git', {} as never)];
  const found = messages(bottle({ agent: {}, sidecars: { gitGate: { remotes } } }));
  assert.match(found, /bottles::missing demo\/Sidecars\/git-gate `knownHostKey` of remote 'app' is missing/);
  assert.match(found, /bottles::missing demo\/Sidecars\/git-gate `identityFile` of remote 'app' is missing/);
});

test('a variable that is declared twice is an error', () => {
  const app = new App();
  const { agent } = new Bottle(app, 'demo', { agent: { env: { A: '1' } }, sidecars: {} });
  agent.addEnv('A', '2');
  assert.equal(
    findingsOf(app).map(({ rule }) => rule),
    ['bottles::env-duplicate'],
  );
});

test('everything that is wrong is found at once', () => {
  const app = new App();
  new Bottle(app, 'One', {
    agent: { env: { HTTPS_PROXY: 'x' } },
    sidecars: { egress: { routes: [Route.to('https://x')] } },
  });
  new Bottle(app, 'two', { agent: { user: 'a b' }, sidecars: { env: { no_proxy: 'x' } }, labels: { a: 1 } as never });
  const rules = findingsOf(app).map(({ rule }) => rule);
  for (const rule of [
    'slug-label',
    'env-proxy-on-agent',
    'route-host',
    'agent-user',
    'env-proxy-on-bundle',
    'wrong-type',
  ]) {
    assert.ok(rules.includes(`bottles::${rule}`), rule);
  }
});

test('a finding names the file and line of the definition', () => {
  const app = new App();
  const demo = new Bottle(app, 'demo', { agent: {}, sidecars: { egress: {} } });
  const line = Number(/:(\d+):\d+\)?$/.exec((new Error().stack ?? '').split('\n')[1] ?? '')?.[1]);
  demo.sidecars.egress?.addRoute(Route.to('https://a.example.org'));
  const [finding] = findingsOf(app);
  assert.equal(finding?.location, { file: 'test/unit/plan/bad-shapes.test.ts', line: line + 1 });
});

test('the value of a variable is never shown', () => {
  const found = messages(bottle({ agent: { env: { DB: 1234567, X: { y: 'hunter2' } } }, sidecars: {} }));
  assert.match(found, /variable 'DB' is a number/);
  assert.not.match(found, /1234567|hunter2/);
});

test('nothing that a definition passes makes lowering throw, and everything that it cannot read is a finding', () => {
  const anything = fc.anything({ maxDepth: 3 });
  const known = fc.constantFrom('slug', 'agent', 'sidecars', 'labels');
  const inner = fc.dictionary(
    fc.constantFrom(
      'env',
      'mounts',
      'image',
      'egress',
      'pipelock',
      'gitGate',
      'supervise',
      'workspace',
      'resources',
      'trustedCAs',
      'command',
    ),
    anything,
  );
  fc.assert(
    fc.property(fc.dictionary(known, fc.oneof(anything, inner)), (props) => {
      const app = new App();
      new Bottle(app, 'demo', props as never);
      const { findings, plans } = lower(app, {});
      assert.is(plans.length, 1);
      if (props['agent'] === undefined) assert.ok(findings.some(({ rule }) => rule === 'bottles::exactly-one'));
    }),
    { numRuns: 500 },
  );
});

test('a list that answers differently the second time is kept as it was judged', () => {
  let asked = 0;
  const given = new Proxy(['sh'], {
    get: (list, key) => (key === '0' ? (asked++ === 0 ? 'sh' : 'other') : Reflect.get(list, key)),
  });
  Object.defineProperty(given, 'flatMap', { value: () => given });
  // A class instance is not copied when it is given, only when it is read.
  class Props {
    readonly command = given;
  }
  const app = new App();
  new Bottle(app, 'demo', { agent: new Props(), sidecars: {} });
  const command = lower(app, {}).plans[0]?.agent.command;
  assert.equal([command?.[0], command?.[0], command?.length], ['sh', 'sh', 1]);
});

test('an addition after synth is a mistake of the program and throws', () => {
  const app = new App();
  const demo = new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  app.node.lock();
  assert.throws(() => demo.agent.addEnv('A', '1'), /demo\/Agent was changed after app\.synth\(\)/);
  assert.throws(() => new Agent(demo, 'Second'), /new Agent\(…\) comes after app\.synth\(\)/);
});

test('an id that every object has a member of is an id like any other', () => {
  for (const id of ['constructor', '__proto__', 'toString']) {
    const app = new App();
    assert.is(new Bottle(app, id, { agent: {}, sidecars: {} }).slug, id);
    assert.is(lower(app, {}).plans[0]?.slug, id);
  }
});

test('a construct without a scope says which one, and what to give', () => {
  for (const scope of [undefined, null, 'app', {}]) {
    assert.throws(
      () => new Bottle(scope as never, 'demo'),
      /new Bottle\(scope, id, props\) has no scope; give the App/,
    );
  }
});

test.run();
