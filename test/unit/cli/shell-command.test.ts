import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { Interrupted, interruption } from '../../../lib/cli/interruption.ts';
import { endGroup } from '../../../lib/cli/process-group.ts';
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

/** Whether the process `pid` runs; one that is dead and not yet reaped does not. */
function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !existsSync(status) || !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
}

/** Runs `command` until it has written a file for each of `names`, then interrupts us; what was written, and the error. */
async function interrupted(command: string, name: 'SIGINT' | 'SIGTERM', names: readonly string[]) {
  const files = names.map((one) => join(directory, one));
  const work = interruption((signal) =>
    shellCommand(command, { cwd: directory, signal, onLine: () => undefined, env: {} }),
  );
  const ended = work.then(
    () => undefined,
    (error: unknown) => error,
  );
  while (!files.every((file) => existsSync(file) && readFileSync(file, 'utf8') !== '')) await sleep(20);
  const pids = files.map((file) => Number(readFileSync(file, 'utf8')));
  assert.ok(pids.every(isAlive));
  process.kill(process.pid, name);
  const error = await ended;
  assert.instance(error, Interrupted);
  return { pids, exitCode: (error as Interrupted).exitCode };
}

/** A program for `node` that writes its pid to `file` and runs for a minute. */
const lasting = (file: string, before = ''): string =>
  `"${process.execPath}" -e "${before}require('node:fs').writeFileSync('${file}', String(process.pid)); setTimeout(() => {}, 60_000)"`;

test('a signal to us ends what the shell started, too, also what is not the last of its commands', async () => {
  const command = `${lasting('first')} & ${lasting('second')}; true`;
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const { pids, exitCode } = await interrupted(command, name, ['first', 'second']);
    assert.is(exitCode, code);
    assert.equal(pids.filter(isAlive), []);
    for (const file of ['first', 'second']) rmSync(join(directory, file));
  }
});

/** A process group of its own that runs `command` in a shell and has written `child`. */
async function started(command: string): Promise<number> {
  const { pid } = spawn('sh', ['-c', command], { cwd: directory, detached: true, stdio: 'ignore' });
  assert.ok(pid !== undefined);
  const file = join(directory, 'child');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20);
  return pid ?? 0;
}

test('what is dead is not waited for until somebody reaps it', async () => {
  // The subshell leaves the group and becomes a program that does not look after the child that it has there.
  const group = await started(`( sleep 60 & exec setsid sh -c 'echo $$ >child; exec sleep 60' ) & wait`);
  assert.is(await endGroup(group), 'ended');
  const neglectful = Number(readFileSync(join(directory, 'child'), 'utf8'));
  assert.ok(isAlive(neglectful));
  process.kill(neglectful, 'SIGKILL');
});

test('a group is told as killed where SIGTERM was not enough', async () => {
  const group = await started("trap '' TERM; echo $$ >child; sleep 60; sleep 60");
  assert.is(await endGroup(group), 'killed');
  assert.not.ok(isAlive(group));
});

test('what ignores SIGTERM is killed after a grace', async () => {
  const deaf = lasting('deaf', "process.on('SIGTERM', () => {});");
  const { pids, exitCode } = await interrupted(`${deaf}; true`, 'SIGTERM', ['deaf']);
  assert.is(exitCode, 143);
  assert.equal(pids.filter(isAlive), []);
});

test('what left the group is not waited for', async () => {
  writeFileSync(
    join(directory, 'leave.cjs'),
    `require('node:child_process').spawn(process.execPath, ['-e', "require('node:fs').writeFileSync('away', String(process.pid)); setTimeout(() => {}, 60_000)"], { detached: true, stdio: 'inherit' });`,
  );
  const { pids } = await interrupted(`"${process.execPath}" leave.cjs`, 'SIGTERM', ['away']);
  assert.equal(pids.map(isAlive), [true]);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
});

test('a terminal that goes takes the command with it', async () => {
  const ours = join(import.meta.dirname, '../../../lib/cli/shell-command.ts');
  writeFileSync(
    join(directory, 'us.mjs'),
    `import { shellCommand } from ${JSON.stringify(ours)};
     await shellCommand(process.argv[2], { cwd: '.', signal: new AbortController().signal, onLine: () => {}, env: {} });`,
  );
  for (const name of ['SIGHUP', 'SIGQUIT'] as const) {
    const us = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'us.mjs', `${lasting('left')}; true`], {
      cwd: directory,
      stdio: 'ignore',
    });
    const file = join(directory, 'left');
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20);
    const pid = Number(readFileSync(file, 'utf8'));
    us.kill(name);
    const [code, endedBy] = await once(us, 'exit');
    assert.equal([code, endedBy], [null, name]);
    for (const end = Date.now() + 20_000; isAlive(pid) && Date.now() < end; ) await sleep(20);
    assert.not.ok(isAlive(pid), name);
    rmSync(file);
  }
});

test.run();
