import { App, type Finding, Rules } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { type Found, isAccepted, SynthError, validationReport } from '../../../lib/assembly/index.ts';
import { suite } from '../../support/suite.ts';
import { bottleWith, foundIn, PASSTHROUGH, REASON, ruleOf } from './judged.ts';

const test = suite('validation report');

const finding = (more: Partial<Finding> = {}): Finding => ({
  rule: 'bottles::x',
  severity: 'error',
  path: 'demo',
  message: 'wrong',
  fix: 'mend it',
  ...more,
});

const found = (findings: readonly Finding[]): Found => ({ app: 'a', findings, acknowledgements: [], houseRules: [] });

const MANY: readonly Finding[] = [
  finding({ path: 'b' }),
  finding({ path: 'a', message: 'z' }),
  finding({ path: 'a', message: 'y' }),
  finding({ path: 'a', rule: 'bottles::a', artifact: 'a/compose.yaml', pointer: '/b' }),
  finding({ path: 'a', rule: 'bottles::a', artifact: 'a/compose.yaml', pointer: '/a' }),
  finding({ path: 'a', location: { file: 'app.ts', line: 10 } }),
  finding({ path: 'a', location: { file: 'app.ts', line: 9 }, severity: 'warning', acknowledged: REASON }),
  finding({ path: 'a', location: { file: 'app.ts', line: 9 }, severity: 'warning', message: 'open' }),
];

test('the same findings give the same bytes, in whatever order they come', () => {
  const text = JSON.stringify(validationReport(found(MANY)));
  assert.is(JSON.stringify(validationReport(found([...MANY].reverse()))), text);
  const shuffled = MANY.map((one) => Object.fromEntries(Object.entries(one).reverse()) as unknown as Finding);
  assert.is(JSON.stringify(validationReport(found(shuffled))), text);
});

test('the summary counts errors, warnings, and how many of these are acknowledged', () => {
  assert.equal(validationReport(found(MANY)).summary, { errors: 6, warnings: 2, acknowledged: 1 });
});

test('lines are compared as numbers, and paths by UTF-16 units on any machine', () => {
  const { findings } = validationReport(found(MANY));
  assert.equal(
    findings.flatMap(({ location }) => location?.line ?? []),
    [9, 9, 10],
  );
  const paths = validationReport(found(['ä', 'Z', 'a'].map((path) => finding({ path })))).findings;
  assert.equal(
    paths.map(({ path }) => path),
    ['Z', 'a', 'ä'],
  );
});

test('only unacknowledged warnings count with --strict', () => {
  const warnings = (acknowledged: number) => ({ errors: 0, warnings: 2, acknowledged });
  assert.ok(isAccepted(warnings(0), false));
  assert.not.ok(isAccepted(warnings(1), true));
  assert.ok(isAccepted(warnings(2), true));
  assert.not.ok(isAccepted({ errors: 1, warnings: 0, acknowledged: 0 }, false));
});

test('rules of the house that were asked and acknowledgements are listed, by id, also where they found nothing', () => {
  const app = new App();
  bottleWith(app, 'demo', { tlsPassthrough: true });
  Rules.of(app).add(ruleOf([], { id: 'acme::z', what: 'a z', why: 'it is late' }));
  Rules.of(app).add(ruleOf([], { id: 'acme::a', severity: 'error' }));
  Rules.of(app).acknowledge({ id: PASSTHROUGH, reason: REASON });
  const report = validationReport(foundIn(app));
  assert.equal(report.houseRules, [
    { id: 'acme::a', severity: 'error', fix: 'mend it', scopes: [''] },
    { id: 'acme::z', severity: 'warning', what: 'a z', why: 'it is late', fix: 'mend it', scopes: [''] },
  ]);
  assert.equal(
    report.acknowledgements.map(({ id, reason, path, findings }) => ({ id, reason, path, findings })),
    [{ id: PASSTHROUGH, reason: REASON, path: '', findings: 1 }],
  );
});

test('bottles that are declared in another order make the same report but for its lines', () => {
  const reportOf = (ids: readonly string[]): string => {
    const app = new App();
    for (const id of ids) bottleWith(app, id, { tlsPassthrough: true, webSocket: true });
    Rules.of(app).acknowledge({ id: PASSTHROUGH, reason: REASON });
    return JSON.stringify(validationReport(foundIn(app)));
  };
  assert.is(reportOf(['b', 'a', 'c']), reportOf(['c', 'b', 'a']));
});

test('a synth error tells its figures in one line and all findings in its message', () => {
  const error = new SynthError(found(MANY));
  assert.is(error.summary, '6 errors, 2 warnings (1 acknowledged), nothing was written');
  assert.ok(error.message.endsWith(error.summary));
  assert.equal(error.findings, MANY);
  const strict = new SynthError(found([finding({ severity: 'warning' })]));
  assert.is(strict.summary, '1 warning, nothing was written: --strict counts warnings as errors');
});

test.run();
