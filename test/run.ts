/**
 * Runs test files, each in a process of its own, and ends with the line `N passed, N failed, N skipped`.
 *
 *   test/run.ts [KIND...] [FILE...]     kinds: unit golden property conformance integration containment; default: all
 *
 * Exits 1 on a failure, on a test that was registered and did not run, on a file without tests, and on no test at all.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Ledger } from './support/suite.ts';

const ROOT = join(import.meta.dirname, '..');
/** Kinds, fastest first; `parallel` files of a kind run at once; a file may take `minutes`. */
const KINDS = {
  unit: { parallel: 2, minutes: 4 },
  golden: { parallel: 2, minutes: 4 },
  property: { parallel: 2, minutes: 4 },
  conformance: { parallel: 1, minutes: 10 },
  integration: { parallel: 1, minutes: 20 },
  containment: { parallel: 1, minutes: 20 },
} as const;

type Kind = keyof typeof KINDS;

interface Outcome {
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly string[];
  readonly skips: readonly string[];
}

function testFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(directory, name));
}

const isKind = (word: string): word is Kind => Object.hasOwn(KINDS, word);

function kindOf(file: string): Kind {
  const first = relative(join(ROOT, 'test'), file).split('/')[0] ?? '';
  return isKind(first) ? first : 'unit';
}

function selection(words: readonly string[]): string[] {
  const wanted = words.length === 0 ? Object.keys(KINDS) : words;
  return wanted.flatMap((word) => (isKind(word) ? testFiles(join(ROOT, 'test', word)) : [join(process.cwd(), word)]));
}

function readLedger(file: string): Ledger | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ledger) : undefined;
}

function judge(file: string, ledger: Ledger | undefined, problem: string | undefined): Outcome {
  const failures = (ledger?.failed ?? []).map(({ name, message }) => `${name}\n${message}`);
  const ran = new Set([...(ledger?.passed ?? []), ...(ledger?.failed ?? []).map(({ name }) => name)]);
  for (const name of ledger?.registered ?? []) if (!ran.has(name)) failures.push(`${name}\ndid not run`);
  if ((ledger?.registered.length ?? 0) + (ledger?.skipped.length ?? 0) === 0) failures.push('no test in this file');
  if (problem !== undefined && failures.length === 0) failures.push(problem);
  return {
    file: relative(ROOT, file),
    passed: ledger?.passed.length ?? 0,
    failures,
    skips: (ledger?.skipped ?? []).map(({ name, reason }) => `${name}: ${reason}`),
  };
}

async function runFile(file: string, scratch: string, index: number): Promise<Outcome> {
  const ledgerFile = join(scratch, `${index}.json`);
  const minutes = KINDS[kindOf(file)].minutes;
  const started = Date.now();
  const child = spawn(process.execPath, ['--conditions=claude-bottle-source', '--import', 'tsx', file], {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, CLAUDE_BOTTLE_TEST_LEDGER: ledgerFile, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, minutes * 60_000);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  const problem = late ? `still running after ${minutes} minutes` : code === 0 ? undefined : `exit code ${code}`;
  const outcome = judge(file, readLedger(ledgerFile), problem);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const verdict = outcome.failures.length === 0 ? 'ok  ' : 'FAIL';
  process.stdout.write(`${verdict} ${outcome.file} (${outcome.passed} passed, ${seconds} s)\n`);
  for (const skip of outcome.skips) process.stdout.write(`     skipped: ${skip}\n`);
  if (outcome.failures.length > 0) {
    process.stdout.write(`${Buffer.concat(output).toString()}\n`);
    for (const failure of outcome.failures) process.stdout.write(`     ${failure.replaceAll('\n', '\n       ')}\n`);
  }
  return outcome;
}

async function main(): Promise<number> {
  const files = selection(process.argv.slice(2));
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-test-'));
  const outcomes: Outcome[] = [];
  try {
    for (const kind of Object.keys(KINDS).filter(isKind)) {
      const queue = files.filter((file) => kindOf(file) === kind);
      const workers = Array.from({ length: KINDS[kind].parallel }, async () => {
        for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
          outcomes.push(await runFile(file, scratch, files.indexOf(file)));
        }
      });
      await Promise.all(workers);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const passed = outcomes.reduce((sum, { passed }) => sum + passed, 0);
  const failed = outcomes.reduce((sum, { failures }) => sum + failures.length, 0);
  const skips = outcomes.flatMap((outcome) => outcome.skips);
  if (skips.length > 0) process.stdout.write(`\nskipped:\n${skips.map((skip) => `  ${skip}\n`).join('')}`);
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skips.length} skipped\n`);
  if (passed + failed === 0) process.stderr.write('no test ran\n');
  return failed === 0 && passed > 0 ? 0 : 1;
}

process.exitCode = await main();
