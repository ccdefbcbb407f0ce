/** SIGHUP, SIGUSR1 and the health report of the init, as a real process. */

import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { endAll, listener, lives, SLOW, scratch, script, startInit, until } from './harness.ts';

const test = suite('init signals and health', { timeoutMs: 60_000 });
test.afterEach(endAll);

const FOUR = [
  listener('egress', { reloads: true }),
  listener('pipelock', { reloads: true }),
  listener('git-gate'),
  listener('supervise'),
];

test('SIGHUP reaches egress and pipelock, and nobody else', async () => {
  const init = startInit(FOUR);
  await init.printed('ready', 4);
  init.kill('SIGHUP');
  await init.printed('[egress] got SIGHUP');
  await init.printed('[pipelock] got SIGHUP');
  await sleep(200);
  assert.is(init.text().split('got SIGHUP').length - 1, 2);
});

test('SIGUSR1 restarts pipelock in place; no daemon sees it and the siblings keep their pids', async () => {
  const init = startInit(FOUR, { restart: SLOW });
  await init.printed('ready', 4);
  const before = init.health().report.daemons;
  init.kill('SIGUSR1');
  const next = await init.pidOf('pipelock', before['pipelock']?.pid ?? 0);
  assert.ok(lives(next));
  await init.printed('ready', 5);
  const after = init.health().report.daemons;
  for (const name of ['egress', 'git-gate', 'supervise']) assert.is(after[name]?.pid, before[name]?.pid, name);
  assert.is(after['pipelock']?.restarts, 1);
  assert.not.match(init.text(), 'got SIGUSR1');
});

test('SIGUSR1 without a pipelock, and any request during a shutdown, has no effect', async () => {
  const init = startInit([
    script('egress', 'trap "" TERM HUP; echo ready; while :; do sleep 0.1; done', { reloads: true }),
  ]);
  await init.printed('[egress] ready');
  const pid = await init.pidOf('egress');
  init.kill('SIGUSR1');
  await sleep(150);
  assert.is(await init.pidOf('egress'), pid);
  init.kill('SIGTERM');
  await init.printed('stopping every daemon');
  init.kill('SIGUSR1');
  init.kill('SIGHUP');
  assert.equal(await init.exited, { code: 0, signal: null });
  assert.is(init.text().split('egress: started').length - 1, 1);
});

test('SIGUSR1 ends the wait of a dead pipelock', async () => {
  const mark = join(scratch, 'second-time');
  const init = startInit([script('pipelock', `[ -e ${mark} ] && { echo ready; exec sleep 100; }; exit 1`)], {
    restart: SLOW,
  });
  await init.printed('starting it again in ');
  writeFileSync(mark, '');
  init.kill('SIGUSR1');
  await init.printed('[pipelock] ready');
});

test('a shutdown during a restart in place runs on the same clock', async () => {
  const init = startInit([script('pipelock', 'trap "" TERM; echo ready; while :; do sleep 0.1; done')], {
    graceMs: 3_000,
  });
  await init.printed('[pipelock] ready');
  const asked = Date.now();
  init.kill('SIGUSR1');
  await sleep(2_400);
  init.kill('SIGTERM');
  assert.is((await init.exited).code, 0);
  const took = Date.now() - asked;
  // With a new clock for the shutdown it would have been 5.4 s.
  assert.ok(took >= 2_950 && took < 5_300, `took ${took} ms`);
});

test('SIGHUP waits for a daemon that is not up yet, which it would kill', async () => {
  const upFile = join(scratch, 'egress-is-up');
  const body = `sleep 0.5; trap "echo got HUP" HUP; touch ${upFile}; while :; do sleep 0.05; done`;
  const init = startInit([script('egress', body, { reloads: true, upFile })]);
  await init.printed('egress: started');
  init.kill('SIGHUP');
  init.kill('SIGHUP');
  await init.printed('[egress] got HUP');
  assert.not.match(init.text(), 'egress: ended');
  await sleep(400);
  assert.is(init.text().split('got HUP').length - 1, 1);
});

/** True once `pid` has a handler for SIGUSR1: before that, while Node itself starts, the signal ends any process. */
function catchesSigusr1(pid: number | undefined): boolean {
  try {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0';
    return (BigInt(`0x${mask}`) & (1n << BigInt(constants.signals.SIGUSR1 - 1))) !== 0n;
  } catch {
    return false;
  }
}

test('SIGUSR1 while the init starts never leaves an inspector open', async () => {
  const init = startInit([script('pipelock', 'echo ready; exec sleep 100')]);
  // Without a pause, to hit the few milliseconds between Node's own handler and the init's.
  const deadline = Date.now() + 5_000;
  while (!catchesSigusr1(init.process.pid) && Date.now() < deadline);
  init.kill('SIGUSR1');
  for (let delay = 0; delay < 150; delay += 10) {
    await sleep(10);
    init.kill('SIGUSR1');
  }
  await init.printed('[pipelock] ready');
  await sleep(200);
  const pid = init.process.pid;
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  const tcp = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n');
  assert.ok(tcp.length > 1);
  assert.equal(
    tcp.filter((line) => sockets.includes(line.trim().split(/\s+/)[9] ?? '')),
    [],
  );
});

test('bundle-health exits 0 only while every daemon is up, and names what is not', async () => {
  const upFile = join(scratch, 'pipelock-is-up');
  const init = startInit([listener('egress'), listener('pipelock', { upFile })]);
  await init.printed('ready', 2);
  const down = init.health();
  assert.is(down.code, 1);
  assert.is(down.report.healthy, false);
  assert.is(down.report.daemons['egress']?.up, true);
  assert.is(down.report.daemons['pipelock']?.detail, 'has no up-file');
  writeFileSync(upFile, '');
  const up = init.health();
  assert.is(up.code, 0);
  assert.is(up.report.healthy, true);
  rmSync(upFile);
  assert.is(init.health().code, 1);
});

test('bundle-health exits 1 without a report where no init answers', async () => {
  const init = startInit([listener('egress')]);
  await init.printed('ready');
  const socket = join(init.runDir, 'health.sock');
  assert.is(statSync(socket).mode & 0o777, 0o600);
  init.kill('SIGTERM');
  await init.exited;
  assert.is(init.health().code, 1);
  assert.equal(init.health().report.daemons, {});
  assert.not.ok(existsSync(socket));
});

test('a daemon that is between two lives is down', async () => {
  const init = startInit([script('egress', 'echo ready; sleep 0.2; exit 1')], { restart: SLOW });
  await init.printed('starting it again');
  const { report, code } = init.health();
  assert.equal(report.daemons['egress'], {
    up: false,
    pid: null,
    restarts: 0,
    digest: '',
    refusals: 0,
    crashLoop: false,
    detail: 'is not running',
  });
  assert.is(code, 1);
});

test('the digest is what the running pipelock announced, and a restart forgets it', async () => {
  const [first, second] = ['1', '2'].map((digit) => digit.repeat(64));
  const go = join(scratch, 'reload-now');
  const event = (name: string, digest = ''): string => `echo '{"event":"${name}","config_hash":"${digest}"}'`;
  const body = `[ -e ${go} ] && exec sleep 100; ${event('startup', first)}
    until [ -e ${go} ]; do sleep 0.05; done; ${event('config_reload', second)}; exec sleep 100`;
  const init = startInit([script('pipelock', body, { announces: true })]);
  const digest = (): string | undefined => init.health().report.daemons['pipelock']?.digest;
  await until('the first digest', () => digest() === first);
  writeFileSync(go, '');
  await until('the second digest', () => digest() === second);
  const pid = await init.pidOf('pipelock');
  init.kill('SIGUSR1');
  await init.pidOf('pipelock', pid);
  await until('the end of the digest', () => digest() === '');
});

test.run();
