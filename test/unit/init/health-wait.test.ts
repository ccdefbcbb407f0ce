/** `bundle-health` with a reload, a restart or a wait, against the init as a real process. */

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { healthRequest, UsageError } from '../../../images/sidecars/init/health-request.ts';
import { suite } from '../../support/suite.ts';
import type { FakeDaemon } from './entry.ts';
import { BUNDLE_HEALTH, endAll, type RunningInit, scratch, startInit, until } from './harness.ts';

const test = suite('bundle-health', { timeoutMs: 60_000 });
test.afterEach(endAll);

const [OLD, NEW, THIRD] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];

let count = 0;

/** A daemon that runs the policy OLD, and does `onHup` (JavaScript; `say(event)` prints one) on SIGHUP, `onStart` once. */
function reloader(name: string, onHup: string, onStart = ''): FakeDaemon {
  count += 1;
  const upFile = join(scratch, `reloader-${count}`);
  const program = `
    const say = (event) => console.log(JSON.stringify(event));
    let hups = 0;
    process.on('SIGHUP', () => { hups += 1; ${onHup} });
    process.on('SIGTERM', () => process.exit(0));
    setInterval(() => {}, 1000);
    say({ event: 'startup', config_hash: '${OLD}' });
    require('node:fs').writeFileSync('${upFile}', '');
    ${onStart}`;
  return { name, argv: [process.execPath, '-e', program], reloads: true, upFile, announces: true };
}

const takes = (digest: string, after = 0): string =>
  `setTimeout(() => say({ event: 'config_reload', config_hash: '${digest}' }), ${after});`;
const refuses = "say({ event: 'error', method: 'CONFIG_RELOAD', error: 'rejected' });";

async function up(...daemons: FakeDaemon[]): Promise<RunningInit> {
  const init = startInit(daemons);
  await until('health', () => init.health().code === 0);
  await until('the first digests', () =>
    Object.values(init.health().report.daemons).every(({ digest }) => digest === OLD),
  );
  return init;
}

test('--reload ends with 0 once every awaited daemon runs its digest', async () => {
  const init = await up(reloader('egress', takes(NEW, 300)), reloader('pipelock', takes(THIRD)));
  const { code, report } = init.health('--reload', '--await', `egress=${NEW}`, '--await', `pipelock=${THIRD}`);
  assert.is(code, 0);
  assert.is(report.healthy, true);
  assert.equal(
    Object.entries(report.daemons).map(([name, { digest }]) => [name, digest]),
    [
      ['egress', NEW],
      ['pipelock', THIRD],
    ],
  );
});

test('a plain report is of every daemon, one of a wait only of those that are awaited', async () => {
  const init = await up(reloader('egress', takes(NEW)), reloader('pipelock', takes(NEW)));
  assert.equal(Object.keys(init.health().report.daemons), ['egress', 'pipelock']);
  const { report, code } = init.health('--await', `pipelock=${OLD}`);
  assert.equal([Object.keys(report.daemons), code], [['pipelock'], 0]);
});

test('a refusal ends the wait with 3 at once, although others wait still', async () => {
  const init = await up(reloader('egress', ''), reloader('pipelock', refuses));
  const { code, report } = init.health(
    ...['--reload', '--await', `egress=${NEW}`, '--await', `pipelock=${NEW}`, '--within', '500'],
  );
  assert.is(code, 3);
  assert.is(report.daemons['pipelock']?.refusals, 1);
  assert.is(report.daemons['pipelock']?.digest, OLD);
});

test('a refusal of an earlier reload does not count against the next one', async () => {
  const init = await up(reloader('pipelock', `if (hups === 1) { ${refuses} } else { ${takes(NEW, 400)} }`));
  assert.is(init.health('--reload', '--await', `pipelock=${NEW}`).code, 3);
  const { code, report } = init.health('--reload', '--await', `pipelock=${NEW}`);
  assert.is(code, 0);
  assert.is(report.daemons['pipelock']?.refusals, 1);
});

test('a file that cannot be read as a policy, which pipelock reports on stderr, is a refusal', async () => {
  const init = await up(reloader('pipelock', "console.error('pipelock: config reload failed: no such key');"));
  assert.is(init.health('--reload', '--await', `pipelock=${NEW}`).code, 3);
});

test('a daemon that runs the digest already is waited for no longer, whatever it refused', async () => {
  const init = await up(reloader('pipelock', refuses));
  assert.is(init.health('--reload', '--await', `pipelock=${OLD}`).code, 0);
});

test('a daemon that neither takes nor refuses the file ends the wait with 4 and its last report', async () => {
  const init = await up(reloader('egress', ''));
  const { code, report } = init.health('--reload', '--await', `egress=${NEW}`, '--within', '0.3');
  assert.is(code, 4);
  assert.is(report.daemons['egress']?.digest, OLD);
});

test('--restart-pipelock ends with 0 only when a new pipelock runs the digest', async () => {
  const init = await up(reloader('pipelock', ''));
  const pid = await init.pidOf('pipelock');
  const { code, report } = init.health('--restart-pipelock', '--await', `pipelock=${OLD}`);
  assert.is(code, 0);
  assert.is.not(report.daemons['pipelock']?.pid, pid);
  // Also when the restart is put off, for it comes within a second of the last.
  const again = init.health('--restart-pipelock', '--await', `pipelock=${OLD}`);
  assert.is(again.code, 0);
  assert.is.not(again.report.daemons['pipelock']?.pid, report.daemons['pipelock']?.pid);
});

test('what the old pipelock makes of the new file before it is ended is no refusal of the restart', async () => {
  const init = await up(reloader('pipelock', '', `setTimeout(() => { ${refuses} }, 200);`));
  assert.is(init.health('--restart-pipelock', '--await', `pipelock=${OLD}`).code, 0);
  // This restart is put off, for it comes within a second of the last; the old process refuses meanwhile.
  assert.is(init.health('--restart-pipelock', '--await', `pipelock=${OLD}`).code, 0);
});

test('--restart-egress replaces egress alone, also one that does nothing any more, and 0 means a new one', async () => {
  const init = await up(reloader('egress', ''), reloader('pipelock', ''));
  const [egress, pipelock] = [await init.pidOf('egress'), await init.pidOf('pipelock')];
  process.kill(egress, 'SIGSTOP');
  const { code, report } = init.health('--restart-egress', '--await', `egress=${OLD}`, '--within', '20');
  assert.is(code, 0);
  assert.is.not(report.daemons['egress']?.pid, egress);
  assert.is(await init.pidOf('pipelock'), pipelock);
});

test('--restart-egress where no egress runs restarts nothing', async () => {
  const init = await up(reloader('pipelock', ''));
  const pid = await init.pidOf('pipelock');
  assert.is(init.health('--restart-egress', '--await', `pipelock=${OLD}`).code, 0);
  assert.is(await init.pidOf('pipelock'), pid);
});

test('refusals are of the process that runs: a new one has none', async () => {
  const init = await up(reloader('pipelock', refuses));
  assert.is(init.health('--reload', '--await', `pipelock=${NEW}`).report.daemons['pipelock']?.refusals, 1);
  assert.is(init.health('--restart-pipelock', '--await', `pipelock=${OLD}`).report.daemons['pipelock']?.refusals, 0);
});

test('a daemon that is down is waited for until it is back', async () => {
  const init = await up(reloader('egress', ''));
  process.kill(await init.pidOf('egress'), 'SIGKILL');
  await init.printed('egress: ended');
  const { code, report } = init.health('--await', `egress=${OLD}`);
  assert.is(code, 0);
  assert.is(report.daemons['egress']?.restarts, 1);
});

test('several waits at once each get their own answer', async () => {
  const init = await up(reloader('egress', takes(NEW, 200)));
  const codes = await Promise.all([
    init.healthLater('--reload', '--await', `egress=${NEW}`),
    init.healthLater('--await', `egress=${THIRD}`, '--within', '1'),
    init.healthLater('--await', `egress=${NEW}`),
    init.healthLater(),
  ]);
  assert.equal(
    codes.map(({ code }) => code),
    [0, 4, 0, 0],
  );
});

test('a caller that is gone is not waited for, and one that says nothing is not served', async () => {
  const init = await up(reloader('egress', ''));
  const socket = join(init.runDir, 'health.sock');
  const caller = spawn(BUNDLE_HEALTH, ['--socket', socket, '--await', `egress=${NEW}`, '--within', '600']);
  await sleep(200);
  caller.kill('SIGKILL');
  const silent = spawn('perl', ['-e', 'socket(S,1,1,0); connect(S, pack("S a*",1,$ARGV[0])); print <S>', socket]);
  const said: Buffer[] = [];
  silent.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  await new Promise((resolve) => silent.once('close', resolve));
  assert.is(Buffer.concat(said).toString(), '');
  assert.is(init.health().code, 0);
});

test('whatever is no request is a usage error, exit 2, with a reason and without a report', async () => {
  const init = await up(reloader('egress', ''));
  for (const args of [
    ['--frobnicate'],
    ['egress'],
    ['--await'],
    ['--await', 'egress'],
    ['--await', `nginx=${NEW}`],
    ['--await', `pipelock=${NEW}`],
    ['--await', `egress=${NEW.slice(1)}`],
    ['--reload', '--restart-pipelock'],
    ['--restart-egress', '--restart-pipelock'],
    ['--restart-supervise'],
    ['--within', '0'],
    ['--within', '-1'],
    ['--within', '601'],
    ['--within', '1e2'],
    ['--await', `egress=${NEW} --reload`],
    ['--await', `egress=${NEW}\n`],
    [''],
  ]) {
    const { code, report, errors } = init.health(...args);
    assert.is(code, 2, args.join(' '));
    assert.equal(report.daemons, {});
    assert.match(errors, /^bundle-health: .+\n$/);
  }
  assert.is(init.health().code, 0);
});

test('the words of a request: one act, digests by daemon, seconds', () => {
  assert.equal(healthRequest([], ['egress']), { withinMs: 5_000 });
  assert.equal(healthRequest(['--reload'], ['egress']), { act: 'reload', awaited: new Map(), withinMs: 5_000 });
  assert.equal(healthRequest(['--within', '0.5', '--await', `egress=${NEW}`], ['egress']), {
    awaited: new Map([['egress', NEW]]),
    withinMs: 500,
  });
  assert.throws(
    () => healthRequest(['--await', `constructor=${NEW}`], ['egress']),
    (error: unknown) => error instanceof UsageError,
  );
  assert.throws(
    () => healthRequest(['constructor'], ['egress']),
    (error: unknown) => error instanceof UsageError,
  );
});

test('an answer that is none, and an init that gives none, is exit 1', async () => {
  for (const [index, answer] of ['', '{"healthy":true}\n', 'hello\n', '0\n'].entries()) {
    const path = join(scratch, `liar-${index}`);
    const server = createServer((socket) => socket.end(answer));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const child = spawn(BUNDLE_HEALTH, ['--socket', path], { stdio: 'ignore' });
    assert.is(await new Promise((resolve) => child.once('close', resolve)), 1, answer);
    server.close();
  }
  assert.not.ok(existsSync(join(scratch, 'no-such.sock')));
  const child = spawn(BUNDLE_HEALTH, ['--socket', join(scratch, 'no-such.sock')], { stdio: 'ignore' });
  assert.is(await new Promise((resolve) => child.once('close', resolve)), 1);
});

test('a reload that is asked for before a daemon is up reaches it once it is', async () => {
  const daemon = reloader('egress', takes(NEW));
  const late = join(scratch, 'late-up');
  const init = startInit([{ ...daemon, upFile: late }]);
  await init.printed('startup');
  const wait = init.healthLater('--reload', '--await', `egress=${NEW}`, '--within', '20');
  await sleep(500);
  writeFileSync(late, '');
  assert.is((await wait).code, 0);
});

test.run();
