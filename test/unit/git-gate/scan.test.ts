import * as assert from 'uvu/assert';
import { parseReport, type RawFinding, ScanError } from '../../../images/sidecars/git-gate/scan/gitleaks.ts';
import { Scan, type Scanner } from '../../../images/sidecars/git-gate/scan/scan.ts';
import { scanText } from '../../../images/sidecars/git-gate/scan/scan-text.ts';
import { type ScanItem, type Segment, segmentsOf } from '../../../images/sidecars/git-gate/scan/segment.ts';
import { suite } from '../../support/suite.ts';
import { SECRETS } from '../scanner/support/secrets.ts';

const test = suite('git-gate scan');

const ref = (name: string): ScanItem => ({ kind: 'ref', ref: name });
const segments = (...texts: string[]): Segment[] =>
  texts.flatMap((text, index) => segmentsOf(ref(`r${index}`), Buffer.from(text), 1));

/** Stands for gitleaks: the canaries, and what `MATCH` finds, on the lines where it is. */
const scanner =
  (pattern: RegExp): Scanner =>
  async (input) => {
    const text = input.toString('latin1');
    const lineOf = (index: number): number => text.slice(0, index).split('\n').length;
    const found = (rule: string, expression: RegExp): RawFinding[] =>
      [...text.matchAll(expression)].map((match) => ({
        rule,
        startLine: lineOf(match.index),
        endLine: lineOf(match.index + match[0].length - 1),
      }));
    return [...found('github-pat', /ghp_[0-9a-zA-Z]{36}/g), ...found('key', pattern)];
  };

async function findings(judge: Scanner, ...texts: string[]) {
  const scan = new Scan(judge, 10_000);
  await scan.add(segments(...texts));
  return scan.end();
}

async function failure(judge: Scanner, ...texts: string[]): Promise<unknown> {
  return findings(judge, ...texts).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('begins and ends each input with a canary, new each time, and maps lines back', () => {
  const text = scanText(segments('a\nb', 'c', 'd\ne\n'));
  const lines = text.bytes.toString().split('\n');
  const [first, last] = text.canaryLines;
  assert.is(first, 1);
  for (const line of text.canaryLines) assert.match(lines[line - 1] ?? '', /^ghp_[0-9A-Za-z]{36}$/);
  assert.is(lines.length, (last ?? 0) + 1);
  for (const [letter, index, within] of [
    ['a', 0, 0],
    ['b', 0, 1],
    ['c', 1, 0],
    ['d', 2, 0],
    ['e', 2, 1],
  ] as const) {
    const line = lines.indexOf(letter) + 1;
    assert.is(text.segmentAt(line), index, letter);
    assert.is(text.lineWithin(index, line), within, letter);
  }
  assert.is.not(scanText([]).bytes.toString(), scanText([]).bytes.toString());
});

test('keeps what is pushed behind the bytes by which a binary is told', () => {
  assert.ok(scanText(segments('pushed')).bytes.indexOf('pushed') > 32_773);
});

/** Where gitleaks 8.30.1 ends a chunk that began at `start`, when one read gave `size` bytes (sources/common.go). */
function chunkEnd(text: string, start: number, size: number): number {
  const end = (at: number): boolean => /\n[ \t\r]*\n[ \t\r]*$/.test(text.slice(Math.max(start, at - 64), at));
  let at = Math.min(start + size, text.length);
  while (at < text.length && !end(at) && at - start - size < 25_000) at += 1;
  return at;
}

test('is cut by gitleaks only between segments, however its reads fall', () => {
  const blank = 'word \n \r\n\t\n\n'.repeat(4_000);
  const input = segments('.'.repeat(120_000), blank, 'short', `${'line\n'.repeat(9_000)}\n\n`);
  const text = scanText(input).bytes.toString('latin1');
  const gaps = new Set<number>();
  let at = text.indexOf('\n\n.');
  const first = at + 2;
  at = first;
  for (const { bytes } of input) {
    at += bytes.length;
    for (const extra of [0, 1, 2]) gaps.add(at + extra);
    at += 2;
  }
  for (const size of [1_000, 4_096, 65_536, 100_000]) {
    for (let start = 0; start < text.length; ) {
      const cut = chunkEnd(text, start, size);
      if (cut > first && cut < text.length) assert.ok(gaps.has(cut), `cut at ${cut} by reads of ${size}`);
      start = cut;
    }
  }
});

test('names the item and the line of a finding', async () => {
  const found = await findings(scanner(/KEY/g), 'clean', 'one\ntwo KEY\n', 'clean');
  assert.equal(found, [{ rule: 'key', item: ref('r1'), line: 2 }]);
});

test('finds a secret that looks like a canary', async () => {
  const token = `ghp_${'aB3'.repeat(12)}`;
  assert.equal(await findings(scanner(/KEY/g), 'x', token), [{ rule: 'github-pat', item: ref('r1'), line: 1 }]);
});

test('takes a match from one item into another for none, and finds the one that it hides', async () => {
  const pem = scanner(/BEGIN[\s\S]+?END/g);
  assert.equal(await findings(pem, 'BEGIN', 'x', 'END'), []);
  assert.equal(await findings(pem, 'BEGIN', 'y', 'BEGIN x END', 'z'), [{ rule: 'key', item: ref('r2'), line: 1 }]);
});

test('finds what gitleaks does not see for a letter glued to it, and says nothing twice', async () => {
  const token = SECRETS['GitHub token'] ?? '';
  const blind: Scanner = async (input, ms) =>
    (await scanner(/KEY/g)(input, ms)).filter((_, at, { length }) => at === 0 || at === length - 1);
  assert.equal(await findings(blind, 'clean', `a\nx${token}x\n${token}x`), [
    { rule: 'GitHub Token', item: ref('r1'), line: 2 },
    { rule: 'GitHub Token', item: ref('r1'), line: 3 },
  ]);
  assert.equal(await findings(scanner(/KEY/g), `a\nx${token}x`), [{ rule: 'github-pat', item: ref('r0'), line: 2 }]);
});

test(
  'goes through more than one batch',
  async () => {
    let runs = 0;
    const inner = scanner(/KEY/g);
    const counting: Scanner = (input, timeoutMs) => {
      runs += 1;
      return inner(input, timeoutMs);
    };
    const scan = new Scan(counting, 60_000);
    for (let index = 0; index < 20; index += 1)
      await scan.add(segments(`${'x'.repeat(1_000_000)}${index === 17 ? 'KEY' : ''}`));
    assert.is((await scan.end()).length, 1);
    assert.ok(runs > 2, String(runs));
  },
  { timeoutMs: 120_000 },
);

test('fails without the first canary, without the last, and with both on other lines', async () => {
  const real = scanner(/KEY/g);
  const without =
    (index: number): Scanner =>
    async (input, ms) =>
      (await real(input, ms)).filter((_, at) => at !== index);
  const moved: Scanner = async (input, ms) =>
    (await real(input, ms)).map((finding) => ({ ...finding, startLine: finding.startLine + 1 }));
  const renamed: Scanner = async (input, ms) =>
    (await real(input, ms)).map((finding) => ({ ...finding, rule: 'generic' }));
  assert.is(await failure(real, 'x'), undefined);
  for (const broken of [without(0), without(1), moved, renamed, async () => []]) {
    assert.instance(await failure(broken, 'x'), ScanError);
  }
});

test('fails when its time is over', async () => {
  const scan = new Scan(scanner(/KEY/g), 0);
  await scan.add(segments('x'));
  let error: unknown;
  await scan.end().catch((reason: unknown) => {
    error = reason;
  });
  assert.instance(error, ScanError);
});

test('reads of a report the rule and the lines, and refuses any other form', () => {
  const report = '[{"RuleID":"a","StartLine":3,"EndLine":4,"Secret":"REDACTED","Match":"REDACTED"}]';
  assert.equal(parseReport(report), [{ rule: 'a', startLine: 3, endLine: 4 }]);
  for (const text of ['', 'null', '{}', '[{}]', '[{"RuleID":"a","StartLine":"3","EndLine":4}]']) {
    assert.throws(() => parseReport(text), /report of gitleaks/);
  }
});

test.run();
