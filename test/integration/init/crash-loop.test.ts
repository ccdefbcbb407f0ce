/** Daemons that die in the real image: the others go on, nothing stays behind, and the operator can see it. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import {
  DAEMON_EVENT_FILE,
  DAEMON_UID,
  DAEMONS,
  type Daemon,
  type DaemonEvent,
  EVENTS_DIR,
} from '../../../lib/plan/index.ts';
import { type Bundle, bundleSuite, pidIn, startBundle } from './bundle.ts';

function eventsOf(bundle: Bundle): readonly DaemonEvent[] {
  const directory = join(bundle.state, 'events');
  return readdirSync(directory)
    .filter((name) => DAEMON_EVENT_FILE.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));
}

/** Kills `daemon` whenever it runs until it is in a crash loop; the others must be up at every look. */
async function crashLoop(bundle: Bundle, daemon: Daemon): Promise<void> {
  const before = await bundle.healthy();
  const others = DAEMONS.filter((name) => name !== daemon);
  for (let killed = 0, pid = 0; ; ) {
    const report = await bundle.health();
    for (const name of others) assert.is(pidIn(report, name), pidIn(before, name), name);
    if (!others.every((name) => report.daemons[name]?.up)) {
      // A check that a busy machine keeps waiting for a second fails; one after the other must not.
      await bundle.until(`the others to serve while ${daemon} is down`, ({ daemons }) =>
        others.every((name) => daemons[name]?.up),
      );
    }
    if (report.daemons[daemon]?.crashLoop === true) {
      assert.is(report.healthy, false);
      assert.ok(killed >= 5, `${killed} kills`);
      return;
    }
    const now = pidIn(report, daemon);
    if (now !== 0 && now !== pid) {
      pid = now;
      killed += 1;
      await bundle.as(0, 'sh', '-c', `kill -9 -${pid}`);
    } else {
      await sleep(100);
    }
  }
}

bundleSuite('init in the sidecar image: crashes', (test) => {
  test('each daemon in a crash loop leaves the three others serving, and recovers after a minute', async () => {
    const bundles = await Promise.all(DAEMONS.map((daemon) => startBundle(DAEMONS, daemon === 'egress' ? 0 : 1000)));
    await Promise.all(
      DAEMONS.map(async (daemon, index) => {
        const bundle = bundles[index];
        if (bundle === undefined) throw new Error('no bundle');
        await crashLoop(bundle, daemon);
        const events = eventsOf(bundle).filter((event) => event.daemon === daemon);
        assert.equal(
          events.map(({ event }) => event),
          ['crash', 'crash', 'crash', 'crash', 'crash', 'crash-loop'],
        );
        assert.ok(events.every(({ signal }) => signal === 'SIGKILL'));
        assert.ok(Number(events[4]?.delayMs) > 2_000);
        assert.is(eventsOf(bundle).length, events.length, 'events of the others');
        const back = await bundle.until(`${daemon} to be back`, ({ daemons }) => daemons[daemon]?.up === true);
        assert.equal([back.healthy, back.daemons[daemon]?.crashLoop], [false, true]);
        await bundle.until(`${daemon} to recover`, ({ healthy }) => healthy, 90);
        assert.is(eventsOf(bundle).at(-1)?.event, 'recovered');
      }),
    );
  });

  test('an event file belongs to whoever deployed, no stranger can read it, and supervise can do no more', async () => {
    const bundle = await startBundle(['pipelock'], 1000);
    await bundle.as(0, 'sh', '-c', `kill -9 ${pidIn(await bundle.healthy(), 'pipelock')}`);
    await bundle.until('the restart', ({ healthy, daemons }) => healthy && daemons['pipelock']?.restarts === 1);
    const [name = ''] = readdirSync(join(bundle.state, 'events'));
    const { mode, uid, gid } = statSync(join(bundle.state, 'events', name));
    assert.equal([mode & 0o777, uid, gid], [0o640, 1000, 1000]);
    const supervise = async (command: string): Promise<number> =>
      (await bundle.as(DAEMON_UID.supervise, 'sh', '-c', `cd ${EVENTS_DIR} && ${command}`)).code;
    assert.is(await supervise(`cat ${name}`), 0);
    assert.is.not(await supervise(`rm -f ${name}`), 0);
    assert.is.not(await supervise('echo >9999999999999-egress-1.json'), 0);
    assert.is((await bundle.as(DAEMON_UID.egress, 'cat', `${EVENTS_DIR}/${name}`)).code, 1);
    assert.equal(readdirSync(join(bundle.state, 'events')), [name]);
  });

  test('all daemons dead at once: the container stays and every one comes back', async () => {
    const bundle = await startBundle(DAEMONS, 0);
    const before = await bundle.healthy();
    const pids = DAEMONS.map((daemon) => `-${pidIn(before, daemon)}`);
    await bundle.as(0, 'sh', '-c', `kill -9 ${pids.join(' ')}`);
    const after = await bundle.until('new pids', (report) =>
      DAEMONS.every((daemon) => report.daemons[daemon]?.up && pidIn(report, daemon) !== pidIn(before, daemon)),
    );
    for (const daemon of DAEMONS) assert.is(after.daemons[daemon]?.restarts, 1, daemon);
  });

  test('a killed daemon comes back, and neither its orphans nor a process that left its group stay', async () => {
    const bundle = await startBundle(DAEMONS, 0);
    const before = await bundle.healthy();
    // Under the uid of egress, out of its group, and with no parent but the reaper.
    const orphans = 'for i in 1 2 3 4 5 6 7 8 9; do (setsid sh -c "trap \\"\\" TERM HUP; sleep 600" &); done';
    await bundle.as(DAEMON_UID.egress, 'sh', '-c', orphans);
    const sleepers = async (): Promise<number> =>
      (await bundle.as(0, 'sh', '-c', 'cat /proc/[0-9]*/stat')).text.split('(sleep)').length - 1;
    assert.is(await sleepers(), 9);
    await bundle.as(0, 'sh', '-c', `kill -9 ${pidIn(before, 'egress')}`);
    const after = await bundle.until(
      'a new egress',
      (report) => report.healthy && pidIn(report, 'egress') !== pidIn(before, 'egress'),
    );
    for (const daemon of ['pipelock', 'git-gate', 'supervise'] as const) {
      assert.is(pidIn(after, daemon), pidIn(before, daemon), daemon);
    }
    assert.is(await sleepers(), 0);
    const { text } = await bundle.as(0, 'sh', '-c', 'cat /proc/[0-9]*/stat');
    assert.match(text, /\(mitmdump\) S/);
    assert.not.match(text, /\) Z /);
  });

  test('as the only user, too, what left the group goes with its daemon; an operator in the container stays', async () => {
    const user = 12_345;
    const bundle = await startBundle(['supervise'], user, user);
    const before = await bundle.healthy();
    await bundle.as(user, 'sh', '-c', '(setsid sh -c "trap \\"\\" TERM; sleep 599" &)');
    const operator = bundle.as(user, 'sleep', '20');
    const commands = async (): Promise<string> =>
      (await bundle.as(user, 'sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')).text;
    assert.match(await commands(), 'sleep 599');
    await bundle.as(user, 'sh', '-c', `kill -9 ${pidIn(before, 'supervise')}`);
    await bundle.until('the restart', ({ healthy, daemons }) => healthy && daemons['supervise']?.restarts === 1);
    const left = await commands();
    assert.not.match(left, 'sleep 599');
    assert.match(left, 'sleep 20');
    assert.is((await operator).code, 0);
  });

  test('the root file system is read-only, for root as well', async () => {
    const bundle = await startBundle(DAEMONS, 0);
    await bundle.healthy();
    for (const path of ['/x', '/opt/claude-bottle/init.cjs', '/usr/local/bin/bundle-health', '/etc/x']) {
      assert.match((await bundle.as(0, 'sh', '-c', `: >>${path}`)).text, 'Read-only file system');
    }
  });
});
