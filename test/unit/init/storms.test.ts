/** Signals that come faster than they can be served. */

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { endAll, listener, lives, QUICK, scratch, startInit, until } from './harness.ts';

const test = suite('init signal storms', { timeoutMs: 40_000 });
test.afterEach(endAll);

const FOUR = [
  listener('egress', { reloads: true }),
  listener('pipelock', { reloads: true }),
  listener('git-gate'),
  listener('supervise'),
];

const occurrences = (text: string, wanted: string): number => text.split(wanted).length - 1;

test('1,000 SIGUSR1 within a second end in at most a few restarts and a healthy pipelock', async () => {
  const init = startInit(FOUR);
  await init.printed('ready', 4);
  const before = init.health().report.daemons;
  const started = Date.now();
  for (let n = 0; n < 1_000; n += 1) {
    init.kill('SIGUSR1');
    if (n % 50 === 0) await sleep(Math.max(0, started + n - Date.now()));
  }
  const seconds = (Date.now() - started) / 1_000;
  await sleep(2_500);
  await until('health', () => init.health().code === 0);
  const after = init.health().report.daemons;
  const { restarts = 0 } = after['pipelock'] ?? {};
  assert.ok(restarts >= 1 && restarts <= seconds + 2, `${restarts} restarts in ${seconds} s`);
  for (const name of ['egress', 'git-gate', 'supervise']) assert.is(after[name]?.pid, before[name]?.pid, name);
  assert.not.match(init.text(), 'got SIGUSR1');
  assert.not.match(init.text(), 'crash loop');
});

test('a request that comes while pipelock starts again is served by a start after it', async () => {
  const init = startInit([listener('pipelock')]);
  await init.printed('ready');
  init.kill('SIGUSR1');
  await init.printed('ready', 2);
  const second = await init.pidOf('pipelock');
  init.kill('SIGUSR1');
  await init.pidOf('pipelock', second);
  await init.printed('ready', 3);
});

test('1,000 SIGHUP in a row are a few reloads, and one comes after the last', async () => {
  const init = startInit(FOUR);
  await init.printed('ready', 4);
  init.health();
  init.kill('SIGHUP');
  await init.printed('[egress] got SIGHUP');
  for (let n = 0; n < 1_000; n += 1) init.kill('SIGHUP');
  await sleep(500);
  const reloads = occurrences(init.text(), '[egress] got SIGHUP');
  assert.ok(reloads >= 2 && reloads < 20, `${reloads} reloads`);
});

/** Sends `count` signals as fast as a process can. */
function flood(pid: number | undefined, signal: string, count: number): void {
  spawnSync('perl', ['-e', `kill '${signal}', ${pid} for 1 .. ${count}`]);
}

test('deaths are seen although Node has lost SIGCHLD among more signals than it holds', async () => {
  const blockFile = join(scratch, 'block');
  const init = startInit([...FOUR.slice(0, 3), listener('supervise', { blockFile })], { restart: QUICK });
  await init.printed('ready', 4);
  const before = init.health().report.daemons;
  writeFileSync(blockFile, '');
  // This check holds up the event loop, so nothing takes from the queue that the flood fills.
  const check = init.healthLater();
  await until('the check', () => existsSync(`${blockFile}.held`));
  flood(init.process.pid, 'HUP', 300_000);
  for (const name of ['egress', 'git-gate']) process.kill(Number(before[name]?.pid), 'SIGKILL');
  await sleep(300);
  rmSync(blockFile);
  await check;
  await init.printed('more signals came at once than Node holds');
  for (const name of ['egress', 'git-gate']) assert.ok(lives(await init.pidOf(name, Number(before[name]?.pid))), name);
  await until('health', () => init.health().code === 0);
  init.kill('SIGTERM');
  assert.equal(await init.exited, { code: 0, signal: null });
});

test('SIGTERM in the middle of a storm of SIGUSR1 ends the init', async () => {
  const init = startInit(FOUR);
  await init.printed('ready', 4);
  for (let n = 0; n < 300; n += 1) init.kill('SIGUSR1');
  init.kill('SIGTERM');
  for (let n = 0; n < 300; n += 1) init.kill('SIGUSR1');
  assert.equal(await init.exited, { code: 0, signal: null });
});

test.run();
