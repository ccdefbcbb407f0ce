import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { merged } from '../../../lib/operate/logs/merge.ts';
import { suite } from '../../support/suite.ts';

const test = suite('logs merged by time');

interface Line {
  readonly time: string;
}

async function* log(...batches: readonly (readonly string[])[]): AsyncGenerator<readonly Line[]> {
  for (const batch of batches) yield batch.map((time) => ({ time }));
}

async function timesOf(lines: AsyncIterable<readonly Line[]>): Promise<string[]> {
  const times: string[] = [];
  for await (const batch of lines) times.push(...batch.map(({ time }) => time));
  return times;
}

test('lines of several logs come in the order of time, whichever log is faster', async () => {
  async function* slow(): AsyncGenerator<readonly Line[]> {
    await sleep(30);
    yield [{ time: '2' }, { time: '4' }];
  }
  assert.equal(await timesOf(merged([log(['1', '3'], ['5']), slow(), log()])), ['1', '2', '3', '4', '5']);
});

test('lines of one time come in the order of the logs', async () => {
  async function* named(name: string): AsyncGenerator<readonly (Line & { name: string })[]> {
    yield [{ time: '1', name }];
  }
  const names: string[] = [];
  for await (const batch of merged([named('a'), named('b')])) names.push(...batch.map(({ name }) => name));
  assert.equal(names, ['a', 'b']);
});

test('a log that is followed and silent holds the others up for no longer than the patience', async () => {
  const never = new Promise<never>(() => {});
  async function* silent(): AsyncGenerator<readonly Line[]> {
    yield await never;
  }
  const seen: string[] = [];
  for await (const batch of merged([log(['2'], ['3']), silent()], 20)) {
    seen.push(...batch.map(({ time }) => time));
    if (seen.length === 2) break;
  }
  assert.equal(seen, ['2', '3']);
});

test('an earlier line that comes within the patience goes first', async () => {
  async function* late(): AsyncGenerator<readonly Line[]> {
    await sleep(10);
    yield [{ time: '1' }];
  }
  assert.equal(await timesOf(merged([log(['2']), late()], 2_000)), ['1', '2']);
});

test('the failure of one log is the failure of all', async () => {
  async function* failing(): AsyncGenerator<readonly Line[]> {
    yield [{ time: '1' }];
    throw new Error('gone');
  }
  let message = '';
  await timesOf(merged([failing(), log(['2'])])).catch((error: Error) => {
    message = error.message;
  });
  assert.is(message, 'gone');
});

test('no log is read further than its reader has come', async () => {
  let read = 0;
  async function* counted(): AsyncGenerator<readonly Line[]> {
    for (; read < 1_000; read += 1) yield [{ time: String(read).padStart(4, '0') }];
  }
  for await (const [line] of merged([counted()])) if (line?.time === '0003') break;
  assert.ok(read <= 5, `${read} batches were read`);
});

test.run();
