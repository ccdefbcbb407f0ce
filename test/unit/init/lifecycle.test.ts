/** Start, stop, restart and exit codes of the init, as a real process. */

import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { endAll, listener, lives, SLOW, scratch, script, startInit, until } from './harness.ts';

const test = suite('init life cycle', { timeoutMs: 60_000 });
test.afterEach(endAll);

/** Ignores SIGTERM, and so does its child. */
const STUBBORN = 'trap "" TERM; (while :; do sleep 0.1; done) & echo child $!; while :; do sleep 0.1; done';

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} stops every daemon and the init ends with 0`, async () => {
    const init = startInit([listener('egress'), script('pipelock', 'echo ready; exec sleep 100')]);
    await init.printed('ready', 2);
    const pids = [await init.pidOf('egress'), await init.pidOf('pipelock')];
    init.kill(signal);
    assert.equal(await init.exited, { code: 0, signal: null });
    assert.equal(pids.map(lives), [false, false]);
  });
}

test('a daemon and its child that ignore SIGTERM are killed after the grace, and a second signal does not prolong it', async () => {
  const init = startInit([script('egress', STUBBORN)], { graceMs: 3_000 });
  await init.printed('child ');
  const pid = await init.pidOf('egress');
  const child = Number(/child (\d+)/.exec(init.text())?.[1]);
  const asked = Date.now();
  init.kill('SIGTERM');
  for (let round = 0; round < 5; round += 1) {
    await sleep(480);
    init.kill(round % 2 === 0 ? 'SIGTERM' : 'SIGINT');
  }
  assert.ok(lives(pid) && lives(child));
  assert.equal(await init.exited, { code: 0, signal: null });
  const took = Date.now() - asked;
  // With a new clock for the last signal it would have been 5.4 s.
  assert.ok(took >= 2_950 && took < 5_300, `took ${took} ms`);
  assert.equal([lives(pid), lives(child)], [false, false]);
});

test('a child that outlives its leader is waited for, then killed', async () => {
  const body = '(trap "" TERM; echo child; while :; do sleep 0.1; done) & trap "exit 0" TERM; wait';
  const init = startInit([script('git-gate', body)], { graceMs: 500 });
  await init.printed('child');
  const asked = Date.now();
  init.kill('SIGTERM');
  assert.is((await init.exited).code, 0);
  assert.ok(Date.now() - asked >= 450);
});

test('the exit code is the largest of the daemons', async () => {
  const init = startInit([script('egress', 'exit 3'), script('pipelock', 'exit 7'), script('supervise', 'exit 0')], {
    restart: 'never',
  });
  assert.is((await init.exited).code, 7);
});

test('a death by a signal that the init did not send counts 128 + n', async () => {
  const init = startInit([script('egress', 'kill -SEGV $$'), script('pipelock', 'exit 1')], { restart: 'never' });
  assert.is((await init.exited).code, 139);
});

test('a code that a daemon chooses at shutdown is kept', async () => {
  const init = startInit([script('egress', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done')]);
  await init.printed('[egress] ready');
  init.kill('SIGTERM');
  assert.is((await init.exited).code, 5);
});

test('a dead daemon is started again and its siblings keep their pids', async () => {
  const init = startInit([listener('egress'), listener('pipelock'), listener('supervise')]);
  await init.printed('ready', 3);
  const [egress, pipelock, supervise] = [
    await init.pidOf('egress'),
    await init.pidOf('pipelock'),
    await init.pidOf('supervise'),
  ];
  process.kill(egress, 'SIGKILL');
  const next = await init.pidOf('egress', egress);
  assert.ok(lives(next));
  const { report } = init.health();
  assert.is(report.daemons['egress']?.restarts, 1);
  assert.equal([report.daemons['pipelock']?.pid, report.daemons['supervise']?.pid], [pipelock, supervise]);
  assert.match(init.text(), '[init] egress: ended, SIGKILL');
});

test('what a dead daemon leaves behind is killed before its successor starts', async () => {
  const init = startInit([script('git-gate', '(trap "" TERM; while :; do sleep 0.1; done) & echo child $!; wait')]);
  await init.printed('child ');
  const child = Number(/child (\d+)/.exec(init.text())?.[1]);
  process.kill(await init.pidOf('git-gate'), 'SIGKILL');
  await init.printed('child ', 2);
  assert.is(lives(child), false);
});

test('the init stays while every daemon waits to be started again, and a stop ends the wait', async () => {
  const init = startInit([script('egress', 'exit 4')], { restart: SLOW });
  await init.printed('starting it again');
  await sleep(200);
  assert.is(init.process.exitCode, null);
  init.kill('SIGTERM');
  assert.is((await init.exited).code, 4);
});

test('a missing program and one that may not be run are reported and take nobody down', async () => {
  const file = join(scratch, 'not-executable');
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o644);
  const init = startInit([
    { name: 'egress', argv: ['/no/such/program'] },
    { name: 'git-gate', argv: [file] },
    listener('pipelock'),
  ]);
  await init.printed('egress: cannot start /no/such/program: ', 2);
  await init.printed('git-gate: cannot start ', 2);
  assert.match(init.text(), 'ENOENT');
  assert.match(init.text(), 'EACCES');
  assert.is(init.health().report.daemons['pipelock']?.up, true);
  init.kill('SIGTERM');
  assert.is((await init.exited).code, 127);
});

test('an argument list that the kernel refuses is a failed start, not the end of the init', async () => {
  const init = startInit([{ name: 'egress', argv: ['/bin/true', 'x'.repeat(3_000_000)] }, listener('pipelock')]);
  await init.printed('egress: cannot start /bin/true: ', 2);
  assert.match(init.text(), 'E2BIG');
  assert.is(init.health().report.daemons['pipelock']?.up, true);
});

test('a daemon has the environment and umask that its specification says, and only those', async () => {
  const init = startInit([
    script('egress', 'env | sort; echo ready; exec sleep 100', { env: { EGRESS_TOKEN_0: 'canary' } }),
    script('pipelock', 'env | sort; umask; echo ready; exec sleep 100', { umask: 0o007 }),
    script('supervise', 'umask; echo ready; exec sleep 100'),
  ]);
  await init.printed('ready', 3);
  const lines = init.text().split('\n');
  const namesIn = (daemon: string): (string | undefined)[] =>
    lines.filter((line) => line.startsWith(`[${daemon}] `)).map((line) => /\] ([A-Z_\d]+)=/.exec(line)?.[1]);
  const shellOwn = new Set(['PWD', 'OLDPWD', 'SHLVL', '_', undefined]);
  assert.equal(
    namesIn('egress').filter((name) => !shellOwn.has(name)),
    ['EGRESS_TOKEN_0', 'PATH'],
  );
  assert.equal(
    namesIn('pipelock').filter((name) => !shellOwn.has(name)),
    ['PATH'],
  );
  assert.ok(lines.includes('[pipelock] 0007'));
  assert.ok(lines.includes('[supervise] 0022'));
});

test('secret files are copied 0600 before the start, and none of them shows in the output', async () => {
  const [from, to] = [join(scratch, 'secrets'), join(scratch, 'private')];
  mkdirSync(from);
  mkdirSync(to);
  const content = Buffer.from(`canary ${'é'.repeat(10)}\n\0\n`);
  writeFileSync(join(from, 'ca-key.pem'), content);
  writeFileSync(join(from, 'with space.key'), content);
  const init = startInit([script('pipelock', `ls ${to}; echo ready; exec sleep 100`, { secrets: { from, to } })]);
  await init.printed('[pipelock] ready');
  assert.match(init.text(), '[pipelock] ca-key.pem\n[pipelock] with space.key\n');
  for (const name of ['ca-key.pem', 'with space.key']) {
    assert.equal(readFileSync(join(to, name)), content);
    assert.is(statSync(join(to, name)).mode & 0o777, 0o600);
  }
  assert.not.match(init.text() + init.errors(), 'canary');
});

test('a daemon whose secret files are missing is not started, and says which directory', async () => {
  const from = join(scratch, 'no-such-secrets');
  const init = startInit([
    script('pipelock', 'echo started', { secrets: { from, to: scratch } }),
    listener('supervise'),
  ]);
  await init.printed('pipelock: not started, for its secret files cannot be copied', 2);
  assert.match(init.text(), from);
  assert.not.match(init.text(), '[pipelock] ');
  await until('supervise', () => init.health().report.daemons['supervise']?.up === true);
});

test.run();
