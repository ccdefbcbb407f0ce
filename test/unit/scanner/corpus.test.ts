/** The corpus: what must be refused and what must pass, and both rates. */

import * as assert from 'uvu/assert';
import { judgeJob, type ScanJob } from '../../../images/sidecars/scanner/scans/job.ts';
import { suite } from '../../support/suite.ts';
import { type PassedRow, passedJob, type RefusedRow, refusedJob, rowsOf } from './corpus/expand.ts';
import { HARMLESS_BODIES, HARMLESS_HEADERS, HARMLESS_PATHS } from './support/harmless.ts';

const test = suite('the corpus of the scanner', { timeoutMs: 120_000 });

/** The rate goes to the test's output, where `test/run.ts` shows it for a failure, and a reader for any run. */
const report = (line: string) => process.stdout.write(`${line}\n`);

test('everything that must be refused is', async () => {
  const rows = rowsOf<RefusedRow>('refused.jsonl');
  const passed: string[] = [];
  for (const row of rows) {
    const verdict = await judgeJob(refusedJob(row), 'full');
    if (verdict?.status !== 403) passed.push(JSON.stringify(row));
  }
  report(`refused ${rows.length - passed.length}/${rows.length}`);
  assert.equal(passed, [], passed.join('\n'));
  assert.ok(rows.length >= 150, `${rows.length} rows`);
  assert.is(new Set(rows.map((row) => JSON.stringify(row))).size, rows.length);
});

test('everything that must pass does', async () => {
  const rows = rowsOf<PassedRow>('passed.jsonl');
  const jobs: (readonly [string, ScanJob])[] = [
    ...rows.map((row) => [row.name, passedJob(row)] as const),
    ...Object.entries(HARMLESS_BODIES).map(([name, bytes]) => [name, { kind: 'body', bytes }] as const),
    ...HARMLESS_PATHS.map((text) => [text, passedJob({ name: text, in: 'target', text })] as const),
    ...HARMLESS_HEADERS.map((text) => [text, passedJob({ name: text, in: 'header', text })] as const),
  ];
  const refused: string[] = [];
  for (const [name, job] of jobs) {
    const verdict = await judgeJob(job, 'full');
    if (verdict !== undefined) refused.push(`${name}: ${verdict.reason}`);
  }
  report(`passed ${jobs.length - refused.length}/${jobs.length}`);
  assert.equal(refused, [], refused.join('\n'));
  assert.ok(rows.length >= 150, `${rows.length} rows`);
  assert.is(new Set(rows.map(({ name }) => name)).size, rows.length);
});

test.run();
