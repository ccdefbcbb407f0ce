/** SARIF is checked against the schema that Microsoft's own SARIF package for tests ships. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import type { Finding } from 'claude-bottle';
import type { Log } from 'sarif';
import * as assert from 'uvu/assert';
import { type ValidationReport, validationReport } from '../../../lib/assembly/index.ts';
import { type SarifContext, sarifLog } from '../../../lib/assembly/sarif.ts';
import { RULE_CATALOG } from '../../../lib/rules/index.ts';
import { suite } from '../../support/suite.ts';
import { PASSTHROUGH, REASON } from './judged.ts';

const test = suite('SARIF');

const SCHEMA = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const ajv = new Ajv.default({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);

const errorsOf = (log: unknown): string => (validate(log) ? '' : ajv.errorsText(validate.errors));

const CONTEXT: SarifContext = { version: '1.2.3', base: '', output: 'dist' };

const finding = (more: Partial<Finding> = {}): Finding => ({
  rule: PASSTHROUGH,
  severity: 'warning',
  path: 'demo/Sidecars/egress',
  message: 'a message',
  fix: 'mend it',
  location: { file: 'bin/app.ts', line: 7 },
  ...more,
});

const reportOn = (...findings: Finding[]): ValidationReport =>
  validationReport({
    app: 'a',
    findings,
    acknowledgements: [],
    houseRules: [{ id: 'acme::x', severity: 'error', what: 'an x', why: 'it is one', fix: 'y', scopes: [''] }],
  });

/** The one run of a log that the schema accepts. */
function runOf(report: ValidationReport, context: SarifContext = CONTEXT): Log['runs'][number] {
  const log = JSON.parse(JSON.stringify(sarifLog(report, context))) as Log;
  assert.is(errorsOf(log), '');
  const [run] = log.runs;
  if (run === undefined) throw new Error('no run');
  return run;
}

const resultsOf = (...findings: Finding[]) => runOf(reportOn(...findings)).results ?? [];

test('the schema refuses what is no SARIF', () => {
  assert.match(errorsOf({ version: '2.1.0' }), 'runs');
  const log = sarifLog(reportOn(finding()), CONTEXT);
  assert.match(errorsOf({ ...log, runs: [{ ...log.runs[0], results: [{ message: 'a text' }] }] }), 'message');
});

test('a result has rule, level, message with the fix, file and line, and the construct', () => {
  const [result] = resultsOf(finding());
  assert.equal([result?.ruleId, result?.ruleIndex, result?.level], [PASSTHROUGH, 0, 'warning']);
  assert.is(result?.message.text, 'A message.\nFix: mend it.');
  const [location] = result?.locations ?? [];
  assert.equal(location?.physicalLocation, {
    artifactLocation: { uri: 'bin/app.ts', uriBaseId: '%SRCROOT%' },
    region: { startLine: 7 },
  });
  assert.is(location?.logicalLocations?.[0]?.fullyQualifiedName, 'demo/Sidecars/egress');
});

test('every rule of ours is explained as its page explains it, and one of the house by its own words', () => {
  const own = RULE_CATALOG.flatMap(({ rules }) => rules);
  const findings = [...own.map(({ id }) => finding({ rule: id })), finding({ rule: 'acme::x' })];
  const rules = runOf(reportOn(...findings)).tool.driver.rules ?? [];
  assert.is(rules.length, own.length + 1);
  for (const { id, why, fix } of own) {
    const text = rules.find((rule) => rule.id === id)?.help?.text ?? '';
    for (const part of [why, fix, `docs/rules/${id.slice('bottles::'.length)}.md`]) assert.ok(text.includes(part), id);
  }
  assert.is(rules.find(({ id }) => id === 'acme::x')?.help?.text, 'Why: it is one.\nFix: y.');
});

test('an acknowledged finding is suppressed, with the reason', () => {
  const [result] = resultsOf(finding({ acknowledged: REASON }));
  assert.equal(result?.suppressions, [{ kind: 'inSource', status: 'accepted', justification: REASON }]);
  assert.is(resultsOf(finding())[0]?.suppressions, undefined);
});

test('the rendered file and the place in it are a related location, relative to the output directory', () => {
  const [result] = resultsOf(finding({ artifact: 'demo/compose.yaml', pointer: '/services/agent/user' }));
  const [related] = result?.relatedLocations ?? [];
  assert.equal(related?.physicalLocation?.artifactLocation, { uri: 'demo/compose.yaml', uriBaseId: 'OUTPUT' });
  assert.is(related?.logicalLocations?.[0]?.fullyQualifiedName, '/services/agent/user');
  assert.equal(runOf(reportOn()).originalUriBaseIds?.['OUTPUT']?.uri, 'dist/');
});

test('files are named from the root of the repository, and no path of the machine is', () => {
  const context = { version: '1', base: 'infra/my bottles/', fallback: 'cdk.json' };
  const run = runOf(reportOn(finding(), finding({ location: { file: '../../elsewhere.ts', line: 3 } })), context);
  const uris = (run.results ?? []).map((result) => result.locations?.[0]?.physicalLocation?.artifactLocation?.uri);
  assert.equal(uris, ['infra/my%20bottles/cdk.json', 'infra/my%20bottles/bin/app.ts']);
  assert.is(run.originalUriBaseIds?.['OUTPUT']?.uri, undefined);
});

test('a finding without a line has the construct alone, or stands at the project’s cdk.json', () => {
  const { location: _, ...without } = finding();
  assert.is(resultsOf(without)[0]?.locations?.[0]?.physicalLocation, undefined);
  const run = runOf(reportOn(without), { ...CONTEXT, fallback: 'cdk.json' });
  assert.equal(run.results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri, 'cdk.json');
});

test('a fingerprint follows a finding to another line, and tells apart what is alike', () => {
  const prints = (...findings: Finding[]) =>
    resultsOf(...findings).map((result) => result.partialFingerprints?.['claudeBottleFinding/v1'] ?? '');
  const moved = prints(finding({ location: { file: 'app.ts', line: 99 } }));
  assert.equal(prints(finding()), moved);
  assert.not.equal(prints(finding({ message: 'another' })), moved);
  assert.is(new Set(prints(finding(), finding(), finding())).size, 3);
});

test('what no definition came to is a run that failed, and says why', () => {
  const { invocations, results } = runOf(reportOn(), { ...CONTEXT, failure: 'it threw' });
  assert.equal(results, []);
  assert.is(invocations?.[0]?.executionSuccessful, false);
  assert.is(invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text, 'it threw');
  assert.is(runOf(reportOn()).invocations?.[0]?.executionSuccessful, true);
});

test('the same report gives the same bytes', () => {
  const text = (): string => JSON.stringify(sarifLog(reportOn(finding(), finding({ path: 'a' })), CONTEXT));
  assert.is(text(), text());
});

test('hostile texts make no log that the schema refuses, and no control character', () => {
  const evil = '\u001b[2J\u202e\r\n::error::x %SRCROOT% file:///etc/passwd "}]';
  const run = runOf(
    reportOn(finding({ rule: evil, path: evil, message: evil, fix: evil, location: { file: evil, line: 1 } })),
  );
  const [result] = run.results ?? [];
  assert.not.match(result?.message.text ?? '', /(?!\n)\p{Cc}|\u202e/u);
  assert.not.match(result?.locations?.[0]?.physicalLocation?.artifactLocation?.uri ?? '', /[^\w%./-]/);
});

test.run();
