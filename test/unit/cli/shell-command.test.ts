import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { Interrupted, interruption } from '../../../lib/cli/interruption.ts';
import { type ShellOutcome, shellCommand } from '../../../lib/cli/shell-command.ts';
import { suite } from '../../support/suite.ts';

const test = suite('shell command', { timeoutMs: 60_000 });

let directory = '';
test.beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'claude-bottle-shell-'));
});
test.afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs `program`, a text for `node`, and gathers its lines. */
async function run(
  program: string,
  { cwd = directory, signal = new AbortController().signal } = {},
): Promise<ShellOutcome & { readonly lines: readonly string[] }> {
  const lines: string[] = [];
  writeFileSync(join(directory, 'program.cjs'), program);
  const command = `"${process.execPath}" program.cjs`;
  const outcome = await shellCommand(command, {
    cwd,
    signal,
    onLine: (line) => lines.push(line),
    env: { ASKED: 'yes' },
  });
  return { ...outcome, lines };
}

test('hands on whole lines, whatever their ends and however they come in pieces', async () => {
  const pieces = ['one\ntw', 'o\r\n\nfo', 'ur'].map((piece) => `process.stdout.write(${JSON.stringify(piece)});`);
  const halves = `const euro = Buffer.from('€\\n'); process.stdout.write(euro.subarray(0, 1), () => setTimeout(() => {
    process.stdout.write(euro.subarray(1), () => { ${pieces.join('')} }); }, 50));`;
  const { lines, exitCode } = await run(halves);
  assert.equal(lines, ['€', 'one', 'two', '', 'four']);
  assert.is(exitCode, 0);
});

test('tells the exit code and what was printed on stderr, without the last line end', async () => {
  const { exitCode, stderr, signal } = await run(`console.error('a\\nb'); process.exitCode = 3;`);
  assert.equal([exitCode, stderr, signal], [3, 'a\nb', undefined]);
});

test('gives the command our environment with what is said beside it, and nothing on stdin', async () => {
  const { lines } = await run(`const text = require('node:fs').readFileSync(0, 'utf8');
    console.log(process.env.ASKED, process.env.PATH !== undefined, text.length);`);
  assert.equal(lines, ['yes true 0']);
});

test('tells why a command could not be started', async () => {
  const { exitCode, stderr } = await run('', { cwd: join(directory, 'absent') });
  assert.is(exitCode, undefined);
  assert.match(stderr, 'ENOENT');
});

test('tells the signal that ended a command, or what the shell makes of it', async () => {
  const { exitCode, signal } = await run(`process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`);
  assert.ok(signal === 'SIGKILL' || exitCode === 137, `${signal} ${exitCode}`);
});

test('a signal to us ends the shell, and nobody waits for what it started', async () => {
  const started = join(directory, 'started');
  const finished = join(directory, 'finished');
  const work = interruption((signal) =>
    run(
      `const { writeFileSync } = require('node:fs'); writeFileSync(${JSON.stringify(started)}, '');
       setTimeout(() => writeFileSync(${JSON.stringify(finished)}, ''), 20_000);`,
      { signal },
    ),
  );
  const ended = work.then(
    () => undefined,
    (error: unknown) => error,
  );
  while (!existsSync(started)) await sleep(50);
  process.kill(process.pid, 'SIGTERM');
  const error = await ended;
  assert.instance(error, Interrupted);
  assert.is((error as Interrupted).exitCode, 143);
  assert.not.ok(existsSync(finished));
});

test.run();
