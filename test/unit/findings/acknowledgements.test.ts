import { type Acknowledgement, App, EnvValue, Rules } from 'claude-bottle';
import { Construct } from 'constructs';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { bottleWith, findingsIn, foundIn, PASSTHROUGH, REASON, ruleOf, shown, warnedApp } from './judged.ts';

const test = suite('acknowledgements');

/** What is found in an app with one warning, after this acknowledgement of the app's. */
function acknowledging(given: unknown) {
  const { app } = warnedApp();
  Rules.of(app).acknowledge(given as Acknowledgement);
  return foundIn(app);
}

test('an acknowledged warning stays, with the reason, and the report lists the acknowledgement', () => {
  const { findings, acknowledgements } = acknowledging({ id: PASSTHROUGH, reason: REASON });
  assert.equal(
    findings.map(({ rule, severity, acknowledged }) => [rule, severity, acknowledged]),
    [[PASSTHROUGH, 'warning', REASON]],
  );
  const [{ location, ...record } = { location: undefined }] = acknowledgements;
  assert.equal(record, { id: PASSTHROUGH, reason: REASON, path: '', findings: 1 });
  assert.match(location?.file ?? '', /acknowledgements\.test\.ts$/);
});

test('it holds at its scope and below, and nowhere else', () => {
  const app = new App();
  const team = new Construct(app, 'team');
  for (const [scope, id] of [
    [team, 'one'],
    [app, 'team-two'],
    [app, 'three'],
  ] as const) {
    bottleWith(scope as unknown as App, id, { tlsPassthrough: true });
  }
  Rules.of(team).acknowledge({ id: PASSTHROUGH, reason: REASON });
  const { findings } = foundIn(app);
  assert.equal(
    findings.map(({ path, acknowledged }) => [path, acknowledged !== undefined]),
    [
      ['team/one/Sidecars/egress', true],
      ['team-two/Sidecars/egress', false],
      ['three/Sidecars/egress', false],
    ],
  );
});

test('it holds for the construct that the warning is of, and not from beside it', () => {
  const { app, bottle } = warnedApp();
  Rules.of(bottle.sidecars).acknowledge({ id: PASSTHROUGH, reason: REASON });
  assert.is(findingsIn(app)[0]?.acknowledged, REASON);
  const beside = warnedApp();
  Rules.of(beside.bottle.agent).acknowledge({ id: PASSTHROUGH, reason: REASON });
  assert.equal(
    findingsIn(beside.app).map(({ rule, path, acknowledged }) => [rule, path, acknowledged]),
    [
      [PASSTHROUGH, 'demo/Sidecars/egress', undefined],
      ['bottles::acknowledgement-unused', 'demo/Agent', undefined],
    ],
  );
});

test('of two that hold, the reason of the nearer one is kept, and neither is unused', () => {
  const { app, bottle } = warnedApp();
  Rules.of(bottle).acknowledge({ id: PASSTHROUGH, reason: 'said at the bottle' });
  Rules.of(app).acknowledge({ id: PASSTHROUGH, reason: 'said at the app' });
  Rules.of(app).acknowledge({ id: PASSTHROUGH, reason: 'said at the app once more' });
  const { findings, acknowledgements } = foundIn(app);
  assert.equal(
    findings.map(({ acknowledged }) => acknowledged),
    ['said at the bottle'],
  );
  assert.equal(
    acknowledgements.map(({ reason, findings: covered }) => [reason, covered]),
    [
      ['said at the app', 0],
      ['said at the app once more', 0],
      ['said at the bottle', 1],
    ],
  );
});

test('a warning of a rule of the house can be acknowledged', () => {
  const { app } = warnedApp();
  Rules.of(app).add(ruleOf([{ message: 'found' }]));
  Rules.of(app).acknowledge({ id: 'acme::a-rule', reason: REASON });
  assert.is(findingsIn(app).find(({ rule }) => rule === 'acme::a-rule')?.acknowledged, REASON);
});

test('an error cannot be acknowledged: that is an error itself, whether the rule finds something or not', () => {
  const { app } = warnedApp();
  Rules.of(app).acknowledge({ id: 'bottles::env-secret-literal', reason: REASON });
  assert.match(shown(findingsIn(app)), "bottles::acknowledgement-of-error: 'bottles::env-secret-literal' is an error");
  const broken = new App();
  const bottle = bottleWith(broken, 'demo');
  bottle.agent.addEnv('API_KEY', 'hunter2');
  Rules.of(bottle).acknowledge({ id: 'bottles::env-secret-literal', reason: REASON });
  assert.equal(
    findingsIn(broken).map(({ rule, severity, acknowledged }) => [rule, severity, acknowledged]),
    [
      ['bottles::env-secret-literal', 'error', undefined],
      ['bottles::acknowledgement-of-error', 'error', undefined],
    ],
  );
});

test('an error of the house cannot be acknowledged either', () => {
  const { app } = warnedApp();
  Rules.of(app).add(ruleOf([{ message: 'found' }], { severity: 'error' }));
  Rules.of(app).acknowledge({ id: 'acme::a-rule', reason: REASON });
  const findings = findingsIn(app);
  assert.is(findings.find(({ rule }) => rule === 'acme::a-rule')?.acknowledged, undefined);
  assert.match(shown(findings), "bottles::acknowledgement-of-error: 'acme::a-rule'");
});

test('what is wrong with rules and acknowledgements cannot be acknowledged', () => {
  const { app } = warnedApp();
  for (const id of ['bottles::house-rule-failed', 'bottles::house-rule-invalid', 'bottles::acknowledgement-of-error']) {
    Rules.of(app).acknowledge({ id, reason: REASON });
  }
  assert.is(findingsIn(app).filter(({ rule }) => rule === 'bottles::acknowledgement-of-error').length, 3);
});

test('one that nothing needs is a warning at its line, which can be acknowledged too', () => {
  const app = new App();
  bottleWith(app, 'demo');
  Rules.of(app).acknowledge({ id: PASSTHROUGH, reason: REASON });
  const [finding] = findingsIn(app);
  assert.equal([finding?.rule, finding?.severity], ['bottles::acknowledgement-unused', 'warning']);
  assert.match(finding?.location?.file ?? '', /acknowledgements\.test\.ts$/);
  const covered = new App();
  bottleWith(covered, 'demo');
  Rules.of(covered).acknowledge({ id: PASSTHROUGH, reason: REASON });
  Rules.of(covered).acknowledge({ id: 'bottles::acknowledgement-unused', reason: 'shared by all of our apps' });
  assert.equal(
    findingsIn(covered).map(({ rule, acknowledged }) => [rule, acknowledged]),
    [['bottles::acknowledgement-unused', 'shared by all of our apps']],
  );
});

test('one of unused ones that is itself unused is told', () => {
  const app = new App();
  bottleWith(app, 'demo');
  Rules.of(app).acknowledge({ id: 'bottles::acknowledgement-unused', reason: REASON });
  assert.is(
    shown(findingsIn(app)),
    "bottles::acknowledgement-unused: no finding of 'bottles::acknowledgement-unused' in the app needs this acknowledgement",
  );
});

test('nothing is called unused where a bottle could not be judged whole', () => {
  const app = new App();
  bottleWith(app, 'bad', { ports: [0] });
  bottleWith(app, 'good');
  for (const scope of [app, ...app.node.children]) {
    Rules.of(scope).acknowledge({ id: 'acme::late', reason: REASON });
  }
  Rules.of(app).add(ruleOf([], { id: 'acme::late' }));
  const unused = findingsIn(app).filter(({ rule }) => rule === 'bottles::acknowledgement-unused');
  assert.equal(
    unused.map(({ path }) => path),
    ['good'],
  );
});

const REFUSED: readonly (readonly [what: string, given: unknown, rule: string, says: RegExp])[] = [
  ['nothing', undefined, 'bottles::wrong-type', /the acknowledgement is undefined/],
  ['a text', PASSTHROUGH, 'bottles::wrong-type', /is a text; allowed: an object/],
  ['a list', [PASSTHROUGH], 'bottles::wrong-type', /is a list/],
  ['an id that is no text', { id: 5, reason: REASON }, 'bottles::wrong-type', /`id` .* is a number/],
  ['no id', { reason: REASON }, 'bottles::missing', /`id` .* is missing/],
  ['no reason', { id: PASSTHROUGH }, 'bottles::missing', /`reason` .* is missing/],
  ['an empty reason', { id: PASSTHROUGH, reason: '' }, 'bottles::missing', /`reason` .* is empty/],
  ['a reason that is no text', { id: PASSTHROUGH, reason: true }, 'bottles::wrong-type', /`reason` .* is true/],
  [
    'a short reason',
    { id: PASSTHROUGH, reason: ' ok       ' },
    'bottles::acknowledgement-reason',
    /of 2 characters; allowed: at least 10/,
  ],
  [
    'a long reason',
    { id: PASSTHROUGH, reason: 'x'.repeat(501) },
    'bottles::acknowledgement-reason',
    /501 characters; allowed: at most 500/,
  ],
  ['a key that is not known', { id: PASSTHROUGH, reason: REASON, until: 'May' }, 'bottles::unknown-key', /'until'/],
  [
    'an id without its namespace',
    { id: 'route-tls-passthrough', reason: REASON },
    'bottles::acknowledgement-unknown',
    /did you mean 'bottles::route-tls-passthrough'/,
  ],
  [
    'an id that is misspelled',
    { id: 'bottles::route-tls-pasthrough', reason: REASON },
    'bottles::acknowledgement-unknown',
    /did you mean 'bottles::route-tls-passthrough'/,
  ],
  [
    'an id like no other',
    { id: 'zzz', reason: REASON },
    'bottles::acknowledgement-unknown',
    /no rule has the id 'zzz'; allowed/,
  ],
  [
    'an endless id',
    { id: 'z'.repeat(1e6), reason: REASON },
    'bottles::acknowledgement-unknown',
    /no rule has the id 'z{80}…'/,
  ],
];

for (const [what, given, rule, says] of REFUSED) {
  test(`${what} is an error at the line of the call`, () => {
    const { findings } = acknowledging(given);
    const own = findings.filter((finding) => finding.rule === rule);
    assert.is(own.length, 1, shown(findings));
    assert.is(own[0]?.severity, 'error');
    assert.match(own[0]?.message ?? '', says);
    assert.match(own[0]?.location?.file ?? '', /acknowledgements\.test\.ts$/);
  });
}

test('a reason that holds a credential is refused and shown nowhere', () => {
  const secret = 'sk-ant-api03-aaaaaaaaaaaaaaaaaaaa';
  const found = acknowledging({ id: PASSTHROUGH, reason: `it works with ${secret} alone` });
  assert.match(shown(found.findings), 'bottles::acknowledgement-reason');
  assert.match(shown(found.findings), 'holds an Anthropic key');
  assert.not.match(JSON.stringify(found), secret);
});

test('a warning below another construct of the same name beginning is not covered', () => {
  const app = new App();
  const bottle = bottleWith(app, 'demo');
  bottle.agent.addEnv('GH_TOKEN', EnvValue.fromHost('GH_TOKEN'));
  const other = bottleWith(app, 'demo2');
  other.agent.addEnv('GH_TOKEN', EnvValue.fromHost('GH_TOKEN'));
  Rules.of(bottle).acknowledge({ id: 'bottles::env-credential-forwarded', reason: REASON });
  assert.equal(
    findingsIn(app).map(({ path, acknowledged }) => [path, acknowledged !== undefined]),
    [
      ['demo/Agent', true],
      ['demo2/Agent', false],
    ],
  );
});

test.run();
