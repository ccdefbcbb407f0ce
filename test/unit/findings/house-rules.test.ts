import { App, Aspects, Bottle, type BottleView, type HouseRule, Rules } from 'claude-bottle';
import { Construct } from 'constructs';
import * as assert from 'uvu/assert';
import { MOST_BREACHES } from '../../../lib/rules/house/said-breaches.ts';
import { suite } from '../../support/suite.ts';
import { bottleWith, findingsIn, foundIn, REASON, ruleOf, shown, warnedApp } from './judged.ts';

const test = suite('rules of the house');

/** What is found in an app of one bottle to which `rule` was added. */
function withRule(rule: unknown) {
  const app = new App();
  bottleWith(app, 'demo');
  Rules.of(app).add(rule as HouseRule);
  return findingsIn(app);
}

test('a rule is asked about every bottle at or below its scope, and about no other', () => {
  const app = new App();
  const team = new Construct(app, 'team');
  bottleWith(app, 'outside');
  for (const id of ['one', 'two']) bottleWith(team as unknown as App, id);
  const asked: string[] = [];
  const rule = ruleOf([], {
    check: ({ plan }) => {
      asked.push(plan.path);
      return [];
    },
  });
  Rules.of(team).add(rule);
  assert.is(shown(findingsIn(app)), '');
  assert.equal(asked.sort(), ['team/one', 'team/two']);
});

test('a rule sees the plan, the final compose document and the files, and its finding has path, line and pointer', () => {
  const app = new App();
  bottleWith(app, 'demo');
  const views: BottleView[] = [];
  Rules.of(app).add(
    ruleOf([], {
      check: (bottle) => {
        views.push(bottle);
        const part = bottle.plan.sidecars.egress?.routes[0];
        return [
          { message: 'no such route', ...(part === undefined ? {} : { part }), path: 'demo/Sidecars/egress' },
          { message: 'no such service', pointer: '/services/agent/image', fix: 'another fix' },
          { message: 'no such file', artifact: 'egress/routes.yaml' },
        ];
      },
    }),
  );
  const findings = findingsIn(app);
  const [view] = views;
  assert.ok(view !== undefined && 'agent' in view.compose.services);
  assert.match(view?.files['compose.yaml'] ?? '', 'claude-bottle-demo');
  assert.equal(
    findings.map(({ path, artifact, pointer, fix }) => ({ path, artifact, pointer, fix })),
    [
      { path: 'demo/Sidecars/egress', artifact: undefined, pointer: undefined, fix: 'mend it' },
      { path: 'demo/Agent', artifact: 'demo/compose.yaml', pointer: '/services/agent/image', fix: 'another fix' },
      { path: 'demo', artifact: 'demo/egress/routes.yaml', pointer: undefined, fix: 'mend it' },
    ],
  );
  for (const { location } of findings) assert.match(location?.file ?? '', /judged\.ts$/);
});

test('a rule cannot change what it sees, and one that tries is an error', () => {
  const app = new App();
  bottleWith(app, 'demo');
  const seen: BottleView[] = [];
  const attempts: readonly ((view: BottleView) => void)[] = [
    ({ plan }) => Object.assign(plan, { slug: 'x' }),
    ({ plan }) => Object.assign(plan.sidecars.egress?.routes[0] ?? plan, { host: 'x' }),
    ({ compose }) => Object.assign(compose.services['agent'] ?? compose, { privileged: true }),
    ({ files }) => Object.assign(files, { 'compose.yaml': '' }),
    ({ plan }) => (plan.agent.mounts as unknown[]).push({}),
  ];
  for (const [index, attempt] of attempts.entries()) {
    Rules.of(app).add(
      ruleOf([], {
        id: `acme::attempt-${index}`,
        check: (view) => {
          seen.push(view);
          attempt(view);
          return [];
        },
      }),
    );
  }
  const { findings } = foundIn(app);
  assert.is(findings.length, attempts.length, shown(findings));
  for (const { rule, severity, path, message } of findings) {
    assert.equal([rule, severity, path], ['bottles::house-rule-failed', 'error', 'demo']);
    assert.match(message, 'acme::attempt-');
  }
  assert.is(seen[0]?.plan.slug, 'demo');
});

const throwing = (reason: unknown) => (): never => {
  throw reason;
};

const FAILING: readonly (readonly [what: string, check: () => unknown, says: RegExp])[] = [
  ['throws', () => assert.unreachable('secret ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaa'), /threw 'secret \[redacted\]'/],
  ['throws nothing', throwing(undefined), /threw 'undefined'/],
  ['throws what cannot be shown', throwing({ toString: throwing(new Error('x')) }), /cannot be shown/],
  ['returns nothing', () => undefined, /returned undefined; allowed: a list of breaches/],
  ['returns a text', () => 'no', /returned a text/],
  ['returns a promise', () => Promise.resolve([]), /returned a promise; .* synchronous/],
  ['returns a promise that is rejected', () => Promise.reject(new Error('x')), /returned a promise/],
  ['gives a text as a breach', () => ['no'], /a breach is a text/],
  ['gives a promise as a breach', () => [Promise.reject(new Error('x'))], /`message` of a breach is undefined/],
  ['gives no message', () => [{ fix: 'x' }], /`message` of a breach is undefined/],
  ['gives an empty message', () => [{ message: ' ' }], /`message` of a breach is a text/],
  ['misspells a key', () => [{ message: 'x', artefact: 'compose.yaml' }], /unknown key 'artefact'/],
  ['names another bottle', () => [{ message: 'x', path: 'other' }], /`path` .* 'other'; allowed: 'demo'/],
  ['names a path beside the bottle', () => [{ message: 'x', path: 'demo2' }], /'demo2'/],
  ['names no file', () => [{ message: 'x', artifact: 'compose.yml' }], /'compose\.yml'; allowed: .*compose\.yaml/],
  [
    'names a place that is no pointer',
    () => [{ message: 'x', pointer: 'services' }],
    /'services'; allowed: a JSON pointer/,
  ],
];

for (const [what, check, says] of FAILING) {
  test(`a rule that ${what} is an error that names rule and bottle`, () => {
    const [finding, ...more] = withRule({ ...ruleOf([]), check });
    assert.equal(more, []);
    assert.equal([finding?.rule, finding?.severity, finding?.path], ['bottles::house-rule-failed', 'error', 'demo']);
    assert.match(finding?.message ?? '', "'acme::a-rule'");
    assert.match(finding?.message ?? '', says);
    assert.match(finding?.location?.file ?? '', /house-rules\.test\.ts$/);
  });
}

test('a rule that fails in the middle keeps what it said before', () => {
  const findings = withRule(
    ruleOf([], {
      check: function* () {
        yield { message: 'first' };
        throw new Error('then this');
      },
    }),
  );
  assert.equal(
    findings.map(({ rule }) => rule),
    ['acme::a-rule', 'bottles::house-rule-failed'],
  );
});

test('a rule that goes on and on is stopped, and that is an error', () => {
  const findings = withRule(
    ruleOf([], {
      check: function* () {
        for (;;) yield { message: 'again' };
      },
    }),
  );
  assert.is(findings.length, MOST_BREACHES + 1);
  assert.is(findings.at(-1)?.rule, 'bottles::house-rule-failed');
});

const MALFORMED: readonly (readonly [what: string, rule: unknown, says: RegExp])[] = [
  ['nothing', undefined, /the rule is undefined/],
  ['a text', 'acme::x', /the rule is a text/],
  ['a rule without an id', { ...ruleOf([]), id: undefined }, /the id of the rule is undefined/],
  ['an id without a namespace', ruleOf([], { id: 'no-wildcards' }), /'no-wildcards'; allowed: '<namespace>::<name>'/],
  ['an id with a line break', ruleOf([], { id: 'acme::a\nb' }), /'acme::a\\nb'/],
  ['our namespace', ruleOf([], { id: 'bottles::mine' }), /'bottles::mine'; the namespace 'bottles'/],
  ['another severity', { ...ruleOf([]), severity: 'fatal' }, /is 'fatal'; allowed: 'error' or 'warning'/],
  ['no fix', ruleOf([], { fix: '' }), /`fix` of the rule 'acme::a-rule'/],
  ['a what that is no text', { ...ruleOf([]), what: 5 }, /`what` of the rule/],
  ['a check that is no function', { ...ruleOf([]), check: [] }, /`check` of the rule .* is an empty list/],
  ['an async check', { ...ruleOf([]), check: async () => [] }, /`check` of the rule .* asynchronous/],
  ['an async generator', { ...ruleOf([]), check: async function* () {} }, /asynchronous/],
  [
    'a getter that throws',
    Object.defineProperty({ ...ruleOf([]) }, 'id', { get: () => assert.unreachable() }),
    /throws/,
  ],
];

for (const [what, rule, says] of MALFORMED) {
  test(`${what} given as a rule is an error at the line of the call`, () => {
    const [finding] = withRule(rule);
    assert.equal([finding?.rule, finding?.severity], ['bottles::house-rule-invalid', 'error']);
    assert.match(finding?.message ?? '', says);
    assert.match(finding?.location?.file ?? '', /house-rules\.test\.ts$/);
  });
}

test('everything that is wrong with a rule is told at once', () => {
  assert.is(withRule({ id: 'x' }).length, 4);
});

test('two rules of one id are an error that names the line of the first; one rule at two scopes is fine', () => {
  const app = new App();
  const bottle = bottleWith(app, 'demo');
  const rule = ruleOf([{ message: 'found' }]);
  Rules.of(app).add(rule);
  Rules.of(bottle).add(rule);
  const { findings, houseRules } = foundIn(app);
  assert.is(shown(findings), 'acme::a-rule: found', 'a rule is asked once about a bottle');
  assert.equal(houseRules[0]?.scopes, ['', 'demo']);
  const twice = new App();
  bottleWith(twice, 'demo');
  Rules.of(twice).add(ruleOf([]));
  Rules.of(twice).add(ruleOf([]));
  const [second] = findingsIn(twice);
  assert.is(second?.rule, 'bottles::house-rule-invalid');
  assert.match(
    second?.message ?? '',
    /two rules have the id 'acme::a-rule', the first added at .*house-rules\.test\.ts:\d+/,
  );
});

test('an aspect may add rules and acknowledgements', () => {
  const { app } = warnedApp();
  Aspects.of(app).add({
    visit: (node) => {
      if (!(node instanceof Bottle)) return;
      Rules.of(node).add(ruleOf([{ message: 'found' }]));
      Rules.of(node).acknowledge({ id: 'acme::a-rule', reason: REASON });
    },
  });
  assert.is(findingsIn(app).find(({ rule }) => rule === 'acme::a-rule')?.acknowledged, REASON);
});

test('a rule inside a bottle is refused: it would be asked about nothing', () => {
  const { app, bottle } = warnedApp();
  Rules.of(bottle.agent).add(ruleOf([]));
  const own = findingsIn(app).filter(({ rule }) => rule === 'bottles::house-rule-invalid');
  assert.equal(
    own.map(({ path }) => path),
    ['demo/Agent'],
  );
});

test('credentials in what a rule says are not shown, and its lines become one', () => {
  const token = 'ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaa';
  const [finding] = withRule(
    ruleOf([{ message: `found ${token}\nwarning bottles::fake`, fix: `remove ${token}` }], { severity: 'error' }),
  );
  assert.is(finding?.message, 'found [redacted] warning bottles::fake');
  assert.is(finding?.fix, 'remove [redacted]');
});

test('a class of the user’s own may be a rule', () => {
  class NoRoot {
    readonly id = 'acme::no-root';
    readonly severity = 'error';
    readonly fix = 'name another user';
    readonly #user: string;
    constructor(user: string) {
      this.#user = user;
    }
    check({ plan }: BottleView) {
      return plan.agent.user === this.#user ? [{ message: 'it is root' }] : [{ message: `it is not ${this.#user}` }];
    }
  }
  assert.is(shown(withRule(new NoRoot('root'))), 'acme::no-root: it is not root');
});

test('a bottle that is not rendered is not shown to rules, and the others are', () => {
  const app = new App();
  bottleWith(app, 'good');
  bottleWith(app, 'bad', { ports: [0] });
  Rules.of(app).add(ruleOf([{ message: 'asked' }]));
  const own = findingsIn(app).filter(({ rule }) => rule === 'acme::a-rule');
  assert.equal(
    own.map(({ path }) => path),
    ['good'],
  );
});

test('an app cannot be given rules after its synth', () => {
  const { app } = warnedApp();
  app.node.lock();
  assert.throws(() => Rules.of(app).add(ruleOf([])), /after app\.synth/);
  assert.throws(() => Rules.of(app).acknowledge({ id: 'x', reason: 'x' }), /after app\.synth/);
});

test.run();
