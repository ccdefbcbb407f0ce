/** What comes out of the init, as a real process. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import type { FakeSpec } from './entry.ts';
import { endAll, lives, type RunningInit, scratch, script, startInit, until } from './harness.ts';

const test = suite('init output', { timeoutMs: 40_000 });
test.afterEach(endAll);

/** The lines of `text` that belong to `name`, without their prefix. */
const linesOf = (name: string, text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`[${name}] `))
    .map((line) => line.slice(name.length + 3));

test('torn lines, stderr and a last line without newline come out whole, with the name', async () => {
  const init = startInit([script('egress', 'printf to; sleep 0.1; printf "rn\\nerr\\n" >&2; printf "rn\\nlast"')], {
    restart: 'never',
  });
  assert.equal(await init.exited, { code: 0, signal: null });
  assert.equal(linesOf('egress', init.text()).sort(), ['err', 'last', 'rn', 'torn']);
});

test('binary bytes pass unchanged', async () => {
  const program = 'process.stdout.write(Buffer.from([0, 255, 128, 13, 27, 195, 10]))';
  const init = startInit([{ name: 'egress', argv: [process.execPath, '-e', program] }], { restart: 'never' });
  await init.exited;
  const wanted = Buffer.concat([Buffer.from('\n[egress] '), Buffer.from([0, 255, 128, 13, 27, 195, 10])]);
  assert.ok(init.output().includes(wanted), init.text());
});

test('a UTF-8 character split over two writes arrives whole', async () => {
  const init = startInit([script('egress', "printf '\\303'; sleep 0.2; printf '\\251t\\303\\251\\n'")], {
    restart: 'never',
  });
  await init.exited;
  assert.equal(linesOf('egress', init.text()), ['été']);
});

test('a daemon that closes its stdout goes on, and its stderr still comes out', async () => {
  const init = startInit([script('egress', 'exec 1>&-; sleep 0.2; echo still here >&2; exec sleep 100')]);
  await init.printed('[egress] still here');
  await sleep(300);
  const { report, code } = init.health();
  assert.is(code, 0);
  assert.is(report.daemons['egress']?.restarts, 0);
});

test('a script can write to /dev/stdout and /dev/stderr', async () => {
  const init = startInit([script('egress', 'echo one >/dev/stdout; echo two >/dev/stderr')], { restart: 'never' });
  await init.exited;
  assert.equal(linesOf('egress', init.text()).sort(), ['one', 'two']);
});

test('two fast writers never share a line, and nothing of 40,000 lines is lost', async () => {
  const program = (letter: string): string =>
    `let out = ''; for (let n = 0; n < 20000; n += 1) out += '${letter}'.repeat(n % 300) + n + '\\n'; process.stdout.write(out);`;
  const init = startInit(
    [
      { name: 'egress', argv: [process.execPath, '-e', program('a')] },
      { name: 'pipelock', argv: [process.execPath, '-e', program('b')] },
    ],
    { restart: 'never' },
  );
  assert.is((await init.exited).code, 0);
  for (const [name, letter] of [
    ['egress', 'a'],
    ['pipelock', 'b'],
  ] as const) {
    const wanted = Array.from({ length: 20_000 }, (_, n) => letter.repeat(n % 300) + n);
    assert.equal(linesOf(name, init.text()), wanted);
  }
});

test('a daemon that writes one endless line does not grow the memory of the init', async () => {
  const program =
    "const c = Buffer.alloc(65536, 'x'); const go = () => { while (process.stdout.write(c)); process.stdout.once('drain', go); }; go();";
  const init = startInit([{ name: 'egress', argv: [process.execPath, '-e', program] }]);
  let bytes = 0;
  init.stdout.removeAllListeners('data');
  init.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await until('100 MB of output', () => bytes > 100_000_000, 15_000);
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${init.process.pid}/status`, 'utf8'))?.[1]);
  assert.ok(peak > 10_000 && peak < 160_000, `peak ${peak} kB`);
});

test('a reader that stalls holds the daemons back and not the init', async () => {
  const init = startInit([script('egress', 'yes 0123456789'), script('pipelock', 'exec sleep 100')]);
  await until('the first output', () => init.output().length > 0);
  init.stdout.pause();
  await sleep(500);
  const { report, code } = init.health();
  assert.is(report.healthy, true);
  assert.is(code, 0);
  init.kill('SIGTERM');
  await sleep(300);
  init.stdout.resume();
  assert.is((await init.exited).code, 0);
});

/** An init whose daemon has written the numbers from 1 to `count` while nobody read, and then does `next`. */
async function unread(count: number, next: string, options: Partial<FakeSpec>): Promise<RunningInit> {
  const written = join(scratch, `written-${count}-${Date.now()}`);
  const init = startInit([script('egress', `seq 1 ${count}; touch ${written}; ${next}`)], options);
  init.stdout.pause();
  await until('the last number to be written', () => existsSync(written), 15_000);
  return init;
}

/** Fails unless the init printed each number once and in order. */
function assertNumbers(init: RunningInit, count: number): void {
  const lines = linesOf('egress', init.text());
  assert.is(
    lines.findIndex((line, position) => line !== String(position + 1)),
    -1,
  );
  assert.is(lines.length, count);
}

// From what the kernel and the init can hold, to what fills the pipe of a daemon that is held back as well.
for (const count of [30_000, 36_000, 42_000, 48_000]) {
  test(`what a slow reader has not read of ${count} lines when the init ends is not lost`, async () => {
    const init = await unread(count, 'exit 0', { restart: 'never' });
    await sleep(500);
    init.stdout.resume();
    await init.exited;
    assertNumbers(init, count);
  });
}

test('what a held back daemon has written before a shutdown is not lost', async () => {
  const init = await unread(48_000, 'exec sleep 100', {});
  init.kill('SIGTERM');
  await sleep(500);
  init.stdout.resume();
  assert.equal(await init.exited, { code: 0, signal: null });
  assertNumbers(init, 48_000);
  assert.match(init.text(), '[init] every daemon has ended; exit code 0');
});

test('neither a reader that never reads nor a process that keeps the pipe open holds up the end of the init', async () => {
  const stalled = startInit([script('egress', 'yes 0123456789')]);
  const kept = startInit([script('egress', 'setsid sleep 60 & echo keeper $!; exec sleep 100')]);
  await kept.printed('keeper ');
  const keeper = Number(/keeper (\d+)/.exec(kept.text())?.[1]);
  await until('the first output', () => stalled.output().length > 0);
  stalled.stdout.pause();
  await sleep(300);
  for (const init of [stalled, kept]) init.kill('SIGTERM');
  const codes = [stalled, kept].map((init) => new Promise((resolve) => init.process.once('exit', resolve)));
  assert.equal(await Promise.all(codes), [0, 0]);
  assert.ok(lives(keeper));
  process.kill(keeper, 'SIGKILL');
});

test('a reader that goes away ends neither the init nor its daemons', async () => {
  const init = startInit([script('egress', 'while :; do echo tick; sleep 0.02; done')]);
  const pid = await init.pidOf('egress');
  init.stdout.destroy();
  await sleep(300);
  assert.is(init.process.exitCode, null);
  assert.ok(lives(pid));
  assert.is(init.health().report.daemons['egress']?.pid, pid);
});

test('it runs with stdin closed', async () => {
  const init = startInit([script('egress', 'exec sleep 100')]);
  await init.pidOf('egress');
  const [program = '', ...args] = init.process.spawnargs;
  const child = spawn('sh', ['-c', 'exec "$@" <&-', 'sh', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  await until('its start', () => Buffer.concat(out).includes('egress: started'));
  child.kill('SIGTERM');
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.is(code, 0);
});

test.run();
