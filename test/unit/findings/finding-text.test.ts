import type { Finding } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { findingsText, SynthError, validationReport } from '../../../lib/assembly/index.ts';
import { sarifLog } from '../../../lib/assembly/sarif.ts';
import { githubAnnotations } from '../../../lib/cli/annotations.ts';
import { errorText } from '../../../lib/cli/messages.ts';
import { suite } from '../../support/suite.ts';

const test = suite('findings as text', { timeoutMs: 120_000 });

const finding = (more: Partial<Finding> = {}): Finding => ({
  rule: 'bottles::x',
  severity: 'error',
  path: 'demo',
  message: 'a message',
  fix: 'mend it',
  ...more,
});

const many = (count: number, more: Partial<Finding> = {}): readonly Finding[] =>
  Array.from({ length: count }, (_, index) => finding({ path: `b${index % 3}`, message: `message ${index}`, ...more }));

const found = (findings: readonly Finding[]) => ({ app: 'a', findings, acknowledgements: [], houseRules: [] });

test('a finding tells rule, construct, line, artifact, pointer, message and fix', () => {
  const text = findingsText([
    finding({ location: { file: 'app.ts', line: 3 }, artifact: 'demo/compose.yaml', pointer: '/services/agent' }),
  ]);
  assert.is(
    text,
    [
      'error bottles::x',
      '  at demo (app.ts:3)',
      '  in demo/compose.yaml, /services/agent',
      '  a message',
      '  fix: mend it',
    ].join('\n'),
  );
  assert.match(findingsText([finding({ path: '' })]), '  at the app\n');
});

test('findings are shown in their order, and those that are acknowledged are not', () => {
  const text = findingsText([
    finding({ severity: 'warning', message: 'first' }),
    finding({ severity: 'warning', message: 'hidden', acknowledged: 'a good reason' }),
    finding({ message: 'last' }),
  ]);
  assert.match(text, /first[\s\S]*\n\nerror bottles::x[\s\S]*last/);
  assert.not.match(text, 'hidden');
});

test('more than twenty are grouped by construct, each group with its figures', () => {
  const text = findingsText(many(21));
  assert.equal(text.match(/^\S.*$/gm), ['b0: 7 errors', 'b1: 7 errors', 'b2: 7 errors']);
  assert.is(text.match(/^ {2}error bottles::x$/gm)?.length, 21);
  assert.is(findingsText(many(20)).match(/^error bottles::x$/gm)?.length, 20);
});

test('of very many the first are shown, errors before warnings, and how many are left', () => {
  const text = findingsText([...many(250, { severity: 'warning' }), ...many(10)]);
  assert.is(text.match(/ error bottles::x/g)?.length, 10);
  assert.is(text.match(/ warning bottles::x/g)?.length, 190);
  assert.ok(text.endsWith('and 60 more; --report FILE and --json have them all'));
});

const EVIL = 'x\u001b[2J\u001b]0;t\u0007\r\n\u202e\u200b\n::error::boo\n##[add-mask]a\nerror bottles::fake';

test('nothing that a finding carries moves the cursor, breaks a line or begins a workflow command', () => {
  const evil = finding({
    rule: EVIL,
    path: EVIL,
    message: EVIL,
    fix: EVIL,
    location: { file: EVIL, line: 1 },
    artifact: EVIL,
    pointer: EVIL,
  });
  const text = findingsText([evil]);
  assert.not.match(text, /(?!\n)[\p{Cc}\p{Cf}]/u);
  assert.is(text.split('\n').length, 5);
  assert.not.match(text, /^\s*::/m);
  const [command = '', ...others] = githubAnnotations([evil], { errors: 1, warnings: 0, acknowledged: 0 }, '');
  assert.is(others.length, 1);
  assert.not.match(command, /[\p{Cc}\p{Cf}]/u);
});

test('huge texts are cut', () => {
  const huge = 'x'.repeat(5_000_000);
  const text = findingsText([finding({ message: huge, fix: huge, path: huge, rule: huge })]);
  assert.ok(text.length < 10_000, `${text.length} characters`);
});

test('a synth error shows its findings once, and its figures at the end', () => {
  const shown = errorText(new SynthError(found([finding(), finding({ severity: 'warning' })])));
  assert.is(shown.match(/a message/g)?.length, 2);
  assert.match(shown, /1 error, 1 warning, nothing was written$/);
});

test('20,000 findings are reported in every form', () => {
  const findings = many(20_000);
  const report = validationReport(found(findings));
  assert.is(report.findings.length, 20_000);
  assert.is(sarifLog(report, { version: '1', base: '' }).runs[0]?.results?.length, 20_000);
  assert.ok(findingsText(findings).split('\n').length < 2_000);
  assert.ok(new SynthError(found(findings)).message.length < 100_000);
  assert.is(githubAnnotations(findings, report.summary, '').length, 51);
});

test.run();
