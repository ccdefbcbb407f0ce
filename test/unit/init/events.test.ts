/** The files that the init writes about its daemons. */

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openEventFiles } from '../../../images/sidecars/init/event-files.ts';
import { DAEMON_EVENT_FILE, DAEMON_EVENTS_KEPT, daemonEventFile } from '../../../lib/plan/daemon-event.ts';
import { suite } from '../../support/suite.ts';
import { eventsIn } from './event-reading.ts';
import { endAll, scratch, script, startInit, until } from './harness.ts';

const test = suite('init events', { timeoutMs: 20_000 });
test.afterEach(endAll);

const directory = (): string => mkdtempSync(join(scratch, 'events-'));
const isRoot = process.getuid?.() === 0;

test('a death by signal is an event that names the signal, and the delay until the next start', async () => {
  const eventsDir = directory();
  const init = startInit([script('egress', 'kill -SEGV $$')], { eventsDir, restart: { firstDelayMs: 60_000 } });
  await init.printed('starting it again');
  await until('the event', () => eventsIn(eventsDir).length === 1);
  const [event] = eventsIn(eventsDir);
  assert.equal(Object.keys(event ?? {}), ['version', 'time', 'daemon', 'signal', 'restarts', 'delayMs', 'event']);
  assert.equal([event?.version, event?.daemon, event?.event, event?.signal], [1, 'egress', 'crash', 'SIGSEGV']);
  assert.ok(Math.abs(Date.now() - Date.parse(event?.time ?? '')) < 60_000);
  assert.ok(Number(event?.delayMs) >= 24_000);
});

test('a stop that was asked for and a restart in place are no events', async () => {
  const eventsDir = directory();
  const init = startInit([script('pipelock', 'echo ready; exec sleep 100')], { eventsDir });
  await init.printed('ready');
  init.kill('SIGUSR1');
  await init.printed('ready', 2);
  init.kill('SIGTERM');
  await init.exited;
  assert.equal(readdirSync(eventsDir), []);
});

test('an event that the init ends with is written before it ends', async () => {
  const eventsDir = directory();
  const init = startInit([script('egress', 'exit 9')], { eventsDir, restart: 'never' });
  assert.is((await init.exited).code, 9);
  const [event] = eventsIn(eventsDir);
  assert.equal([event?.event, event?.code, event?.delayMs], ['crash', 9, undefined]);
});

test('a file is 0640 and appears whole, under a name that sorts by time', async () => {
  const eventsDir = directory();
  const files = openEventFiles(eventsDir, assert.unreachable);
  files.record({ daemon: 'git-gate', event: 'crash', code: 1, restarts: 0 });
  files.record({ daemon: 'git-gate', event: 'crash', code: 2, restarts: 1 });
  await files.written();
  const names = readdirSync(eventsDir);
  assert.is(names.length, 2);
  for (const name of names) {
    assert.match(name, DAEMON_EVENT_FILE);
    assert.is(statSync(join(eventsDir, name)).mode & 0o777, 0o640);
  }
  assert.ok(daemonEventFile(999, 'egress', 1) < daemonEventFile(1_000, 'egress', 0));
});

test('the newest 200 stay', async () => {
  const eventsDir = directory();
  const old = Array.from({ length: DAEMON_EVENTS_KEPT + 30 }, (_, n) => daemonEventFile(1_000 + n, 'egress', n));
  for (const name of old) writeFileSync(join(eventsDir, name), '{}');
  const files = openEventFiles(eventsDir, assert.unreachable);
  files.record({ daemon: 'egress', event: 'crash', restarts: 0 });
  await files.written();
  const names = readdirSync(eventsDir).sort();
  assert.is(names.length, DAEMON_EVENTS_KEPT);
  assert.is(names[0], old[31]);
  assert.ok(Number(names.at(-1)?.slice(0, 13)) > 1_000_000_000_000);
});

test('no directory, no files, and nothing in the log about it', async () => {
  for (const missing of [undefined, join(scratch, 'no-such-events')]) {
    const files = openEventFiles(missing, assert.unreachable);
    files.record({ daemon: 'egress', event: 'crash', restarts: 0 });
    await files.written();
  }
});

test('an event that cannot be written is a line in the log, and the next one is tried again', async () => {
  const eventsDir = directory();
  const log: string[] = [];
  const files = openEventFiles(eventsDir, (text) => log.push(text));
  execFileSync('rm', ['-r', eventsDir]);
  files.record({ daemon: 'egress', event: 'crash', restarts: 0 });
  await files.written();
  assert.is(log.length, 1);
  assert.match(log[0] ?? '', /^the event file \d{13}-egress-1\.json cannot be written: /);
  execFileSync('mkdir', [eventsDir]);
  files.record({ daemon: 'egress', event: 'recovered', restarts: 0 });
  await files.written();
  assert.equal([log.length, eventsIn(eventsDir).length], [1, 1]);
});

test('a storm of events does not pile up: what waits is bounded', async () => {
  const eventsDir = directory();
  const files = openEventFiles(eventsDir, assert.unreachable);
  for (let n = 0; n < 5_000; n += 1) files.record({ daemon: 'egress', event: 'crash', restarts: n });
  await files.written();
  assert.is(eventsIn(eventsDir).length, 50);
});

if (isRoot) {
  test('root writes as the owner of the directory, whatever its own rights', async () => {
    // Outside of the harness' directory, into which only root may go.
    const eventsDir = mkdtempSync(join(tmpdir(), 'claude-bottle-events-'));
    try {
      chownSync(eventsDir, 54_321, 54_322);
      chmodSync(eventsDir, 0o2750);
      const files = openEventFiles(eventsDir, assert.unreachable);
      files.record({ daemon: 'supervise', event: 'crash', restarts: 0 });
      await files.written();
      const [name = ''] = readdirSync(eventsDir);
      const { uid, gid } = statSync(join(eventsDir, name));
      assert.equal([uid, gid], [54_321, 54_322]);
      assert.match(readFileSync(join(eventsDir, name), 'utf8'), /^\{"version":1,.*\}\n$/);
    } finally {
      execFileSync('rm', ['-r', eventsDir]);
    }
  });
} else {
  test.skip('root writes as the owner of the directory, whatever its own rights', 'needs root');
}

test.run();
