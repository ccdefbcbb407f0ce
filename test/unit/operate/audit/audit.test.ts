import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { appendAudit, type ChangeEntry, keptDiff, verifyAudit } from '../../../../lib/operate/audit/index.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('audit log');

const entry = (why: string): ChangeEntry => ({
  kind: 'change',
  change: `change of ${why}`,
  who: 'ann (uid 1000)',
  why,
  origin: 'allow',
  outcome: 'applied',
  opens: ['new.example.org: any method on any path'],
  closes: [],
  deferred: [],
  before: { egress: 'a', pipelock: 'b' },
  after: { egress: 'c', pipelock: 'd' },
  grants: { added: [{ host: 'new.example.org' }], removed: [] },
});

/** A log of three records, and its file, for `work`. */
function withLog(work: (stateDir: string, file: string) => void): void {
  const stateDir = mkdtempSync(join(tmpdir(), 'audit-'));
  try {
    for (const why of ['one', 'two', 'three']) assert.equal(appendAudit(stateDir, entry(why)), []);
    work(stateDir, join(stateDir, 'audit/audit.jsonl'));
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

test('records follow each other by number and hash, and nobody else reads them', () => {
  withLog((stateDir, file) => {
    const { lines, problems } = verifyAudit(stateDir);
    assert.equal(problems, []);
    assert.equal(
      lines.map(({ seq }) => seq),
      [1, 2, 3],
    );
    assert.is(lines[0]?.prev, '0'.repeat(64));
    assert.is(lstatSync(file).mode & 0o777, 0o600);
    assert.is(lstatSync(join(stateDir, 'audit')).mode & 0o777, 0o700);
  });
});

const TAMPERED: Readonly<Record<string, (lines: string[]) => string>> = {
  'a changed word': (lines) => lines.join('\n').replace('"why":"two"', '"why":"tow"'),
  'a changed word in the last record': (lines) => lines.join('\n').replace('"why":"three"', '"why":"tree"'),
  'a record taken out': ([first, , ...rest]) => [first, ...rest].join('\n'),
  'two records swapped': ([first = '', second = '', ...rest]) => [second, first, ...rest].join('\n'),
  'a record put in': ([first = '', ...rest]) => [first, first, ...rest].join('\n'),
  'the end cut off': ([first = '']) => `${first}\n`,
  'a record cut short': (lines) => lines.join('\n').slice(0, -20),
  'everything gone': () => '',
  'a line that is no record': (lines) => `${lines.join('\n')}{"v":1}\n`,
};

for (const [what, tamper] of Object.entries(TAMPERED)) {
  test(`${what} is seen, said once in the log itself, and the log goes on`, () => {
    withLog((stateDir, file) => {
      writeFileSync(file, tamper(readFileSync(file, 'utf8').split('\n')));
      const { problems } = verifyAudit(stateDir);
      assert.ok(problems.length > 0, what);
      assert.equal(appendAudit(stateDir, entry('four')), problems);
      const [broken, last] = verifyAudit(stateDir).lines.slice(-2);
      assert.equal(broken?.kind === 'broken-chain' && broken.problems, [...problems]);
      assert.is(last?.kind === 'change' && last.why, 'four');
      assert.equal(appendAudit(stateDir, entry('five')), [], 'said once');
      const after = verifyAudit(stateDir);
      const known = new Set(problems);
      assert.equal(
        after.problems.filter((problem) => !known.has(problem)),
        [],
        'nothing new is wrong',
      );
    });
  });
}

test('a chain that is written anew from some record on is seen by the note of the last one', () => {
  withLog((stateDir, file) => {
    const other = mkdtempSync(join(tmpdir(), 'audit-'));
    for (const why of ['one', 'two', 'another']) appendAudit(other, entry(why));
    writeFileSync(file, readFileSync(join(other, 'audit/audit.jsonl')));
    assert.match(verifyAudit(stateDir).problems.join(), /record 3, the last that was noted, is gone or was changed/);
    rmSync(other, { recursive: true });
  });
});

test('a link in the place of the log is neither read nor written through', () => {
  withLog((stateDir, file) => {
    const elsewhere = join(stateDir, 'elsewhere');
    writeFileSync(elsewhere, 'untouched');
    rmSync(file);
    symlinkSync(elsewhere, file);
    assert.throws(() => appendAudit(stateDir, entry('four')), /ELOOP/);
    assert.is(readFileSync(elsewhere, 'utf8'), 'untouched');
  });
});

test('a diff is kept whole up to 16 KiB, and a longer one is cut after a line and says how much is missing', () => {
  const line = `+  - host: ${'é'.repeat(40)}.example.org\n`;
  const bytes = Buffer.byteLength(line);
  const fits = line.repeat(Math.floor((16 * 1024) / bytes));
  assert.is(keptDiff(fits), fits);
  assert.is(keptDiff(fits + line.repeat(100)), `${fits}(${100 * bytes} more bytes are not kept)\n`);
  assert.is(keptDiff('x'.repeat(20_000)), '(20000 more bytes are not kept)\n');
});

test('a diff is part of the record, which can be read again', () => {
  withLog((stateDir) => {
    const diff = '--- routes.yaml\n+++ routes.yaml\n+  - host: new.example.org\n';
    appendAudit(stateDir, { ...entry('four'), diff });
    const { lines, problems } = verifyAudit(stateDir);
    assert.equal(problems, []);
    const last = lines.at(-1);
    assert.is(last?.kind === 'change' && last.diff, diff);
  });
});

test.run();
