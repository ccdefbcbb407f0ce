/** Daemons that keep dying, under the init as a real process. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { eventsIn } from './event-reading.ts';
import { endAll, listener, lives, QUICK, SLOW, scratch, script, startInit, until } from './harness.ts';

const test = suite('init crash loops', { timeoutMs: 40_000 });
test.afterEach(endAll);

test('a daemon that keeps dying is in a crash loop, the bundle is unhealthy, and its siblings go on', async () => {
  const eventsDir = mkdtempSync(join(scratch, 'events-'));
  const init = startInit([script('egress', 'exit 3'), listener('pipelock'), listener('supervise')], {
    restart: QUICK,
    eventsDir,
  });
  await init.printed('ready', 2);
  const [pipelock, supervise] = [await init.pidOf('pipelock'), await init.pidOf('supervise')];
  await init.printed('[init] egress: it is in a crash loop');
  const { report, code } = init.health();
  assert.is(code, 1);
  assert.is(report.healthy, false);
  assert.is(report.daemons['egress']?.crashLoop, true);
  assert.equal(
    [report.daemons['pipelock'], report.daemons['supervise']].map((daemon) => [daemon?.up, daemon?.pid]),
    [
      [true, pipelock],
      [true, supervise],
    ],
  );
  await until('the event', () => eventsIn(eventsDir).some(({ event }) => event === 'crash-loop'));
  const crashes = eventsIn(eventsDir).filter(({ event }) => event === 'crash');
  assert.ok(crashes.length >= 5);
  assert.equal([crashes[0]?.daemon, crashes[0]?.code, crashes[0]?.restarts], ['egress', 3, 0]);
  // It is tried again all the same.
  await until('further tries', () => (init.health().report.daemons['egress']?.restarts ?? 0) > 7);
});

test('a daemon in a crash loop that runs again counts as up at once and as recovered only after its time', async () => {
  const eventsDir = mkdtempSync(join(scratch, 'events-'));
  const broken = join(scratch, 'egress-is-broken');
  writeFileSync(broken, '');
  const init = startInit([script('egress', `[ -e ${broken} ] && exit 3; echo ready; exec sleep 100`)], {
    restart: { ...QUICK, steadyMs: 3_000 },
    eventsDir,
  });
  await init.printed('egress: it is in a crash loop');
  rmSync(broken);
  await init.printed('[egress] ready');
  const early = init.health();
  assert.equal([early.report.daemons['egress']?.up, early.report.daemons['egress']?.crashLoop], [true, true]);
  assert.is(early.code, 1);
  await init.printed('egress: recovered from its crash loop');
  await until('health', () => init.health().code === 0);
  await until('the event', () => eventsIn(eventsDir).at(-1)?.event === 'recovered');
});

test('a daemon that runs but is not up does not recover', async () => {
  const upFile = join(scratch, 'hung-daemon-is-up');
  const broken = join(scratch, 'hung-daemon-is-broken');
  writeFileSync(broken, '');
  const init = startInit([script('egress', `[ -e ${broken} ] && exit 3; echo ready; exec sleep 100`, { upFile })], {
    restart: { ...QUICK, steadyMs: 500 },
  });
  await init.printed('egress: it is in a crash loop');
  rmSync(broken);
  await init.printed('[egress] ready');
  await sleep(3_000);
  assert.is(init.health().report.daemons['egress']?.crashLoop, true);
  writeFileSync(upFile, '');
  await init.printed('egress: recovered from its crash loop');
});

test('a program that is not there is a crash loop, too, and comes back when it is', async () => {
  const program = join(scratch, 'appears-later');
  const eventsDir = mkdtempSync(join(scratch, 'events-'));
  const init = startInit([{ name: 'git-gate', argv: [program] }], { restart: QUICK, eventsDir });
  await init.printed('git-gate: it is in a crash loop');
  await until('the event', () => eventsIn(eventsDir).length > 0);
  const [first] = eventsIn(eventsDir);
  assert.equal([first?.event, first?.code], ['start-failed', 127]);
  assert.match(first?.detail ?? '', 'ENOENT');
  writeFileSync(program, '#!/bin/sh\necho here; exec sleep 100\n', { mode: 0o755 });
  await init.printed('[git-gate] here');
});

test('all daemons dead at once: the init stays, and every one is started again', async () => {
  const names = ['egress', 'pipelock', 'git-gate', 'supervise'];
  const init = startInit(names.map((name) => listener(name)));
  await init.printed('ready', 4);
  const { daemons } = init.health().report;
  for (const name of names) process.kill(Number(daemons[name]?.pid), 'SIGKILL');
  await init.printed('ready', 8);
  const after = init.health();
  assert.is(after.code, 0);
  for (const name of names) assert.is.not(after.report.daemons[name]?.pid, daemons[name]?.pid, name);
});

test('SIGTERM during a back-off ends the init at once, with the code of the last death', async () => {
  const init = startInit([script('egress', 'exit 4'), script('pipelock', 'exit 6')], { restart: SLOW });
  await init.printed('starting it again in', 2);
  init.kill('SIGTERM');
  assert.is((await init.exited).code, 6);
});

test('SIGTERM while crashed daemons are being started again leaves nothing running', async () => {
  // A hundred quick restarts a second; the signal comes at any moment of one.
  for (const delay of [0, 3, 7, 13, 29, 41]) {
    const marks = join(scratch, `marks-${delay}`);
    const init = startInit([script('egress', `echo $$ >>${marks}; sleep 0.02; exit 1`)], {
      restart: { firstDelayMs: 1, longestDelayMs: 1 },
    });
    await init.printed('egress: started', 3);
    await sleep(delay);
    init.kill('SIGTERM');
    assert.is((await init.exited).signal, null);
    const pids = readFileSync(marks, 'utf8').trim().split('\n').map(Number);
    assert.equal(pids.filter(lives), []);
  }
});

test('a crash loop while nobody reads the output neither grows the memory nor the descriptors of the init', async () => {
  const noise = 'head -c 300000 /dev/zero | tr "\\0" "x" | fold -w 99';
  const init = startInit([script('egress', `(${noise}) & sleep 0.05; exit 1`)], {
    restart: { firstDelayMs: 1, longestDelayMs: 1 },
  });
  init.stdout.pause();
  const restarts = (): number => init.health().report.daemons['egress']?.restarts ?? 0;
  const open = (): number => readdirSync(`/proc/${init.process.pid}/fd`).length;
  const resident = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${init.process.pid}/status`, 'utf8'))?.[1]);
  await until('10 restarts', () => restarts() >= 10, 15_000);
  const before = { open: open(), resident: resident() };
  await until('40 restarts', () => restarts() >= 40, 30_000);
  assert.ok(open() - before.open < 10, `${before.open} descriptors, then ${open()}`);
  assert.ok(resident() - before.resident < 20_000, `grew by ${resident() - before.resident} kB`);
  init.stdout.resume();
  await init.printed('lines of an earlier run are dropped');
});

test.run();
