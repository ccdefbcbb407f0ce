import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';

const test = suite('suite', { timeoutMs: 60_000 });
const ROOT = join(import.meta.dirname, '../../..');

/** Runs test/run.ts over one throw-away test file whose body is `source`. */
function runOver(source: string): { code: number | null; output: string; lastLine: string } {
  const directory = mkdtempSync(join(import.meta.dirname, 'scratch-'));
  try {
    const file = join(directory, 'case.test.ts');
    writeFileSync(
      file,
      `import { suite } from '../../../support/suite.ts';\nconst test = suite('case', { timeoutMs: 300 });\n${source}`,
    );
    const result = spawnSync(
      process.execPath,
      ['--conditions=claude-bottle-source', '--import', 'tsx', 'test/run.ts', file.slice(ROOT.length + 1)],
      { cwd: ROOT, encoding: 'utf8' },
    );
    const output = result.stdout + result.stderr;
    return { code: result.status, output, lastLine: result.stdout.trimEnd().split('\n').at(-1) ?? '' };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test('a passing file ends with the closing line and exit code 0', () => {
  const { code, lastLine } = runOver(`test('a', () => {}); test.skip('b', 'no engine'); test.run();`);
  assert.is(lastLine, '1 passed, 0 failed, 1 skipped');
  assert.is(code, 0);
});

for (const [what, source] of [
  ['a failing test', `test('a', () => { throw new Error('no'); }); test.run();`],
  ['a throwing before hook', `test.before(() => { throw new Error('no'); }); test('a', () => {}); test.run();`],
  ['a throwing after-each hook', `test.afterEach(() => { throw new Error('no'); }); test('a', () => {}); test.run();`],
  ['a throwing after hook', `test.after(() => { throw new Error('no'); }); test('a', () => {}); test.run();`],
  [
    'an error with fields of its own',
    `test('a', () => { throw Object.assign(new Error('no'), { details: ['x'], name: undefined }); }); test.run();`,
  ],
  ['a rejection with undefined', `test('a', () => Promise.reject(undefined)); test.run();`],
  ['a forgotten run', `test('a', () => {});`],
  ['a test over its time limit', `test('a', () => new Promise((r) => setTimeout(r, 2000))); test.run();`],
  ['a file without a test', `test.run();`],
  ['a file that does not parse', `test('a', () => {`],
  ['an early exit', `test('a', () => process.exit(0)); test.run();`],
] as const) {
  test(`${what} fails the run`, () => {
    const { code, output, lastLine } = runOver(source);
    assert.is(code, 1, output);
    assert.match(lastLine, /^\d+ passed, [1-9]\d* failed, \d+ skipped$/);
  });
}

test('a file that is not there fails the run', () => {
  const result = spawnSync(process.execPath, ['--import', 'tsx', 'test/run.ts', 'test/unit/absent.test.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.is(result.status, 1);
});

test.run();
