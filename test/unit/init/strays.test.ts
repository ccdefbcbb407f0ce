/** What leaves a daemon's process group does not outlive the daemon. The init runs behind tini, as in the image. */

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { entryIn, processEntries, uidOf } from '../../../images/sidecars/init/processes.ts';
import { strayEntries } from '../../../images/sidecars/init/strays.ts';
import { suite } from '../../support/suite.ts';
import type { FakeDaemon } from './entry.ts';
import { endAll, lives, QUICK, type RunningInit, script, startInit, TINI, until, withoutTini } from './harness.ts';

const test = suite('init strays', { timeoutMs: 60_000 });
test.afterEach(endAll);
/** For a failure not to leave them on the machine for longer than that, the strays end by themselves. */
const LIFE_S = 60;

/** Users of no machine; each test has its own, for all that runs under it is killed. */
const USER = 54_400;

test('a name in brackets does not shift the fields of a process', () => {
  assert.equal(entryIn(7, '7 (a) Z 1) S 3 5 5 0'), { pid: 7, parent: 3, group: 5, alive: true });
  assert.is(entryIn(7, '7 (x) Z 3 5').alive, false);
});

test('a stray is below the reaper and not below the init; an operator and the init are none', () => {
  const entry = (pid: number, parent: number, alive = true) => ({ pid, parent, group: pid, alive });
  const entries = [
    entry(1, 0),
    entry(7, 1),
    entry(20, 7),
    entry(21, 20),
    entry(30, 1),
    entry(31, 30),
    entry(32, 31),
    entry(33, 1, false),
    entry(40, 0),
    entry(41, 40),
    entry(50, 51),
    entry(51, 50),
    entry(60, 999),
  ];
  assert.equal(
    strayEntries(entries, 1, 7).map(({ pid }) => pid),
    [30, 31, 32],
  );
});

/** A daemon that prints the pids of what leaves its group: a new session, a double fork, and a child of the latter. */
const ESCAPES = `
  setsid sh -c 'trap "" TERM HUP; echo stray $$; sleep ${LIFE_S}; :' &
  (setsid sh -c 'trap "" TERM; echo stray $$; sh -c "trap \\"\\" TERM; echo stray \\$\\$; sleep ${LIFE_S}; :"; :' &)
  trap "exit 0" TERM; while :; do sleep 0.1; done`;

async function strayPids(init: RunningInit, count = 3): Promise<readonly number[]> {
  await init.printed('] stray ', count);
  return [...init.text().matchAll(/\] stray (\d+)/g)].map(([, pid]) => Number(pid));
}

/** A directory that the user of a test may enter. */
function openDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'claude-bottle-strays-'));
  chmodSync(directory, 0o777);
  return directory;
}

function strayTests(kind: string, more: Partial<FakeDaemon>): void {
  test(`${kind}: nothing that left its group survives the restart of a daemon that died`, async () => {
    const init = startInit([script('git-gate', ESCAPES, more)], {}, TINI);
    const strays = await strayPids(init);
    assert.equal(strays.map(lives), [true, true, true]);
    process.kill(await init.pidOf('git-gate'), 'SIGKILL');
    await init.printed('git-gate: started', 2);
    assert.equal(strays.map(lives), [false, false, false]);
    assert.match(init.text(), /git-gate: killed \d+ processes that had left its group/);
  });

  test(`${kind}: nothing that left its group survives the restart in place of pipelock`, async () => {
    const init = startInit([script('pipelock', ESCAPES, more)], {}, TINI);
    const strays = await strayPids(init);
    init.kill('SIGUSR1');
    await init.printed('pipelock: started', 2);
    assert.equal(strays.map(lives), [false, false, false]);
  });

  test(`${kind}: nothing that left its group survives the end of the init`, async () => {
    const init = startInit([script('egress', ESCAPES, more)], {}, TINI);
    const strays = await strayPids(init);
    init.kill('SIGTERM');
    assert.equal(await init.exited, { code: 0, signal: null });
    assert.equal(strays.map(lives), [false, false, false]);
  });

  test(`${kind}: a thousand orphans leave no zombie`, async () => {
    const body = `for n in $(seq 1000); do (setsid true &); done; echo all; exec sleep ${LIFE_S}`;
    const init = startInit([script('egress', body, more)], {}, TINI);
    await init.printed('[egress] all');
    const reaper = init.process.pid;
    await until('every orphan to be reaped', () => {
      const below = processEntries().filter(({ parent }) => parent === reaper);
      return below.every(({ alive }) => alive) && below.length === 1;
    });
  });
}

const reason = withoutTini();
if (reason === undefined) {
  strayTests('as the user of the init', {});

  test('what is not below the reaper is left alone', async () => {
    const operator = spawn('sleep', [String(LIFE_S)], { detached: true, stdio: 'ignore' });
    const init = startInit([script('egress', 'exit 1')], { restart: QUICK }, TINI);
    await init.printed('egress: started', 4);
    assert.ok(lives(Number(operator.pid)));
    operator.kill('SIGKILL');
  });
} else {
  test.skip('strays as the user of the init', reason);
}

if (reason === undefined && process.getuid?.() === 0) {
  const identity = { uid: USER, gid: USER };
  strayTests('as a user of its own', { identity });

  test('a process that forks without end is gone before its daemon runs again', async () => {
    const identity = { uid: USER + 1, gid: USER + 1 };
    // Each generation ends as soon as the next one lives: whoever looks, and then kills, comes too late.
    const chain = `perl -e 'fork and exit while time - $^T < 15'`;
    const body = `setsid ${chain} & echo chain; exec sleep ${LIFE_S}`;
    const init = startInit([script('egress', body, { identity })], { restart: { firstDelayMs: 3_000 } }, TINI);
    const ofUser = (): number =>
      processEntries().filter(({ pid, alive }) => alive && uidOf(pid) === identity.uid).length;
    await init.printed('[egress] chain');
    process.kill(await init.pidOf('egress'), 'SIGKILL');
    await init.printed('starting it again');
    for (let look = 0; look < 20; look += 1) {
      assert.is(ofUser(), 0);
      await sleep(20);
    }
  });

  test('the processes of another user, and of a sibling daemon, are left alone', async () => {
    const [one, other] = [USER + 2, USER + 3];
    const init = startInit(
      [
        script('egress', 'exit 1', { identity: { uid: one, gid: one } }),
        script('supervise', `setsid sleep ${LIFE_S} & echo ready; exec sleep ${LIFE_S}`, {
          identity: { uid: other, gid: other },
        }),
      ],
      { restart: QUICK },
      TINI,
    );
    await init.printed('egress: started', 4);
    const left = processEntries().filter(({ pid, alive }) => alive && uidOf(pid) === other);
    assert.is(left.length, 2);
  });

  test('a stray that holds the port of its daemon does not keep it from coming back', async () => {
    const identity = { uid: USER + 4, gid: USER + 4 };
    const directory = openDirectory();
    const lock = join(directory, 'port');
    const body = `exec 9>${lock}; flock -n 9 || { echo taken; exit 1; }; setsid sleep ${LIFE_S} & echo mine; exec sleep ${LIFE_S}`;
    const init = startInit([script('pipelock', body, { identity })], { restart: QUICK }, TINI);
    await init.printed('[pipelock] mine');
    process.kill(await init.pidOf('pipelock'), 'SIGKILL');
    await init.printed('[pipelock] mine', 2);
    assert.not.match(init.text(), 'taken');
    execFileSync('rm', ['-r', directory]);
  });
} else {
  test.skip('strays as a user of its own', reason ?? 'needs root');
}

test.run();
