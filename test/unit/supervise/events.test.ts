import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { crashLoops, type DaemonEvent, readEvents } from '../../../images/sidecars/supervise/events.ts';
import { growing } from '../../support/growing-file.ts';
import { suite } from '../../support/suite.ts';

const test = suite('supervise › events of the daemons');

const NOW = Date.parse('2030-01-01T00:10:00Z');
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1_000).toISOString();

function event(kind: DaemonEvent['event'], secondsAgo: number, daemon: DaemonEvent['daemon'] = 'egress'): DaemonEvent {
  return { version: 1, time: at(secondsAgo), daemon, event: kind, restarts: 5 };
}

test('a daemon is in a crash loop from the event of that name until it has recovered', () => {
  const names = (events: readonly DaemonEvent[]): readonly string[] =>
    crashLoops(events, NOW).map(({ daemon }) => daemon);
  assert.equal(names([event('crash', 50), event('crash', 40)]), []);
  assert.equal(names([event('crash', 50), event('crash-loop', 40)]), ['egress']);
  assert.equal(names([event('crash-loop', 40), event('crash', 10), event('start-failed', 1)]), ['egress']);
  assert.equal(names([event('crash-loop', 100), event('recovered', 30)]), []);
  assert.equal(names([event('crash-loop', 100), event('recovered', 30), event('crash', 2)]), []);
  assert.equal(names([event('crash-loop', 90, 'pipelock'), event('crash-loop', 80)]), ['egress', 'pipelock']);
});

test('a loop of which nothing was heard for three minutes is over: its bundle was replaced', () => {
  assert.is(crashLoops([event('crash-loop', 500), event('crash', 170)], NOW).length, 1);
  assert.is(crashLoops([event('crash-loop', 500), event('crash', 190)], NOW).length, 0);
});

test('entries that are no events are skipped with a reason, and the others are read in order', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'supervise-events-'));
  const put = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  try {
    put('1700000000002-egress-2.json', JSON.stringify(event('recovered', 1)));
    put('1700000000001-egress-1.json', JSON.stringify(event('crash', 2)));
    put('1700000000003-egress-3.json', '{"version":1');
    put('1700000000004-egress-4.json', JSON.stringify({ ...event('crash', 2), daemon: 'sshd' }));
    put('1700000000005-egress-5.json', JSON.stringify(event('crash', 2)) + ' '.repeat(16_384));
    put('elsewhere', JSON.stringify(event('crash', 2)));
    symlinkSync(join(directory, 'elsewhere'), join(directory, '1700000000006-egress-6.json'));
    execFileSync('mkfifo', [join(directory, '1700000000007-egress-7.json')]);
    put('.half.tmp', 'x');
    const { events, skipped } = await readEvents(directory);
    assert.equal(
      events.map(({ event: kind }) => kind),
      ['crash', 'recovered'],
    );
    assert.equal(
      skipped.map(({ entry, reason }) => `${entry}: ${reason}`),
      [
        '1700000000003-egress-3.json: not JSON',
        '1700000000004-egress-4.json: not of the expected form',
        '1700000000005-egress-5.json: too large',
        '1700000000006-egress-6.json: ELOOP',
        '1700000000007-egress-7.json: not a regular file',
        'elsewhere: not an event',
      ],
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('an event that grows while it is read is too large, whatever its size was', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'supervise-events-'));
  const file = join(directory, '1700000000001-egress-1.json');
  writeFileSync(file, JSON.stringify(event('crash', 2)));
  const restore = await growing(file);
  try {
    const { events, skipped } = await readEvents(directory);
    assert.equal([events.length, skipped[0]?.reason], [0, 'too large']);
  } finally {
    restore();
    rmSync(directory, { recursive: true });
  }
});

test('every entry that is passed over is counted, however many there are', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'supervise-events-'));
  try {
    for (let index = 0; index < 450; index += 1) writeFileSync(join(directory, `foreign-${index}`), '');
    for (let index = 0; index < 410; index += 1) {
      const text = index === 409 ? '{' : JSON.stringify(event('crash', 2));
      writeFileSync(join(directory, `1700000000${String(index).padStart(3, '0')}-egress-1.json`), text);
    }
    const { events, skipped, skippedCount } = await readEvents(directory);
    assert.equal([events.length, skipped.length, skippedCount], [399, 401, 461]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a directory that is not there, or a link to one, has no events', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'supervise-events-'));
  try {
    assert.equal(await readEvents(join(directory, 'missing')), { events: [], skipped: [], skippedCount: 0 });
    writeFileSync(join(directory, '1700000000001-egress-1.json'), JSON.stringify(event('crash', 2)));
    assert.is((await readEvents(directory)).events.length, 1);
    symlinkSync(directory, join(directory, 'link'));
    assert.equal(await readEvents(join(directory, 'link')), { events: [], skipped: [], skippedCount: 0 });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
