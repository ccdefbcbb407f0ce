import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { type ProposalResponse, responseFile } from '../../../images/sidecars/supervise/proposal.ts';
import { suite } from '../../support/suite.ts';
import { type BottleOptions, callTool, EGRESS_CALL, egressCall, eventually, TestBottle, textOf } from './bottle.ts';

const test = suite('supervise › verdicts');

const bottles: TestBottle[] = [];
test.afterEach(async () => {
  for (const bottle of bottles.splice(0)) await bottle.remove();
});

async function start(options: BottleOptions = {}): Promise<TestBottle> {
  const bottle = await TestBottle.start(options);
  bottles.push(bottle);
  return bottle;
}

const responseOf = (bottle: TestBottle, id: string): ProposalResponse =>
  JSON.parse(readFileSync(join(bottle.queue, responseFile(id)), 'utf8'));

for (const status of ['approved', 'modified', 'rejected'] as const) {
  test(`the operator's "${status}" is the result, with the notes, and without who it was`, async () => {
    const bottle = await start();
    const call = callTool(await bottle.client(), EGRESS_CALL);
    const { id } = await bottle.proposal();
    bottle.respond({ id, status, notes: 'only /guide/', by: 'ann (uid 1000)' });
    const result = await call;
    assert.not.match(JSON.stringify(result), /ann/);
    assert.equal(result.structuredContent, { id, status, notes: 'only /guide/' });
    assert.match(textOf(result), new RegExp(`^status: ${status}\n(.|\n)*notes: only /guide/$`));
    assert.is(result.isError, undefined);
  });
}

test('no answer within the deadline is "expired", a denial, and the queue says so', async () => {
  const bottle = await start({ deadlineSeconds: 1 });
  const started = Date.now();
  const result = await callTool(await bottle.client(), EGRESS_CALL);
  assert.ok(Date.now() - started >= 1_000);
  const { id } = await bottle.proposal();
  assert.equal(result.structuredContent, { id, status: 'expired', notes: '' });
  assert.match(textOf(result), /denial/);
  assert.is(responseOf(bottle, id).status, 'expired');
});

test('a proposal expires in time even when the queue has vanished under it', async () => {
  const bottle = await start({ deadlineSeconds: 1 });
  const call = callTool(await bottle.client(), EGRESS_CALL);
  await bottle.proposal();
  execFileSync('rm', ['-r', bottle.queue]);
  assert.is((await call).structuredContent?.['status'], 'expired');
});

test('garbage in the queue is skipped, reported once, and keeps no verdict from arriving', async () => {
  const bottle = await start();
  const call = callTool(await bottle.client(), EGRESS_CALL);
  const { id } = await bottle.proposal();
  const put = (name: string, text: string): void => writeFileSync(join(bottle.queue, name), text);
  put('notes.txt', 'x');
  put('.half-written.tmp', 'x');
  put('00000000-0000-4000-8000-000000000000.response.json', '{}');
  mkdirSync(join(bottle.queue, 'folder'));
  for (const text of ['', '{"version":1', 'null', JSON.stringify({ version: 1, id, status: 'granted' })]) {
    put(responseFile(id), text);
    await sleep(60);
  }
  put(responseFile(id), JSON.stringify({ version: 1, id, status: 'approved', extra: true }));
  await sleep(60);
  put(responseFile(id), JSON.stringify({ version: 1, id: '00000000-0000-4000-8000-000000000000', status: 'approved' }));
  await sleep(60);
  bottle.respond({ id, status: 'rejected' });
  assert.is((await call).structuredContent?.['status'], 'rejected');
  const skipped = bottle.events
    .filter(({ event }) => event === 'skipped')
    .map(({ entry, reason }) => `${entry}: ${reason}`);
  assert.is(new Set(skipped).size, skipped.length);
  for (const line of ['notes.txt: not an entry of the queue', 'folder: not an entry of the queue']) {
    assert.ok(skipped.includes(line), line);
  }
  for (const reason of ['not JSON', 'not of the expected form', 'its id is not that of its name']) {
    assert.ok(skipped.includes(`${responseFile(id)}: ${reason}`), reason);
  }
  assert.not.ok(skipped.some((line) => line.includes('.tmp')));
});

test('a response that is a link, a FIFO or too large is not read', async () => {
  const bottle = await start({ deadlineSeconds: 1 });
  const client = await bottle.client();
  const approve = (id: string): string => JSON.stringify({ version: 1, id, status: 'approved' });
  const tricks: readonly ((path: string, id: string) => void)[] = [
    (path, id) => {
      writeFileSync(join(bottle.directory, 'elsewhere'), approve(id));
      symlinkSync(join(bottle.directory, 'elsewhere'), path);
    },
    (path) => execFileSync('mkfifo', [path]),
    (path, id) => writeFileSync(path, approve(id) + ' '.repeat(131_072)),
  ];
  const calls = tricks.map(async (_, index) => callTool(client, egressCall(`trick${index}.test`)));
  const ids = await bottle.waiting(tricks.length);
  ids.forEach((id, index) => {
    tricks[index]?.(join(bottle.queue, responseFile(id)), id);
  });
  for (const call of calls) assert.is((await call).structuredContent?.['status'], 'expired');
});

test('two clients wait side by side, each for its own verdict', async () => {
  const bottle = await start();
  const [first, second] = [await bottle.client(), await bottle.client()];
  const one = callTool(first, egressCall('first.test'));
  const { id: firstId } = await bottle.proposal();
  const two = callTool(second, EGRESS_CALL);
  const secondId = (await bottle.waiting(2)).find((id) => id !== firstId);
  bottle.respond({ id: secondId ?? '', status: 'approved' });
  assert.is((await two).structuredContent?.['id'], secondId);
  bottle.respond({ id: firstId, status: 'rejected' });
  assert.is((await one).structuredContent?.['id'], firstId);
});

test('a client that disconnects leaves its proposal, which still expires', async () => {
  const bottle = await start({ deadlineSeconds: 1 });
  const client = await bottle.client();
  const call = callTool(client, EGRESS_CALL).catch((reason: unknown) => reason);
  const { id } = await bottle.proposal();
  await client.close();
  assert.instance(await call, Error);
  assert.equal(readdirSync(bottle.queue), [`${id}.proposal.json`]);
  assert.is((await bottle.logged('verdict'))['status'], 'expired');
  assert.is(responseOf(bottle, id).status, 'expired');
});

test('a server that starts again takes up what waits, and a client goes on without connecting anew', async () => {
  const before = await start();
  const client = await before.client();
  const call = callTool(client, EGRESS_CALL).catch(() => undefined);
  const { id } = await before.proposal();
  before.stop();
  const after = await start({ directory: before.directory, port: before.port });
  after.respond({ id, status: 'approved' });
  assert.equal(await after.logged('verdict'), { event: 'verdict', id, status: 'approved' });
  assert.is((await client.listTools()).tools.length, 4);
  await client.close();
  await call;
});

test('more proposals than may wait are refused, those of clients that have gone included', async () => {
  const bottle = await start({ pendingLimits: { waiting: 2 } });
  const gone = await bottle.client();
  const calls = ['one.test', 'two.test'].map(async (host) => callTool(gone, egressCall(host)).catch(() => undefined));
  const [first = ''] = await bottle.waiting(2);
  await gone.close();
  await Promise.all(calls);
  const client = await bottle.client();
  const refused = await callTool(client, EGRESS_CALL);
  assert.is(refused.isError, true);
  assert.match(textOf(refused), /2 proposals wait/);
  bottle.respond({ id: first, status: 'rejected' });
  await bottle.logged('verdict');
  const call = callTool(client, EGRESS_CALL).catch(() => undefined);
  await bottle.waiting(2);
  await client.close();
  await call;
});

test('a full queue takes nothing more, and answered proposals make room', async () => {
  const bottle = await start({ pendingLimits: { entries: 6, kept: 1 } });
  const client = await bottle.client();
  for (let round = 0; round < 4; round += 1) {
    const call = callTool(client, egressCall(`round${round}.test`));
    const [id = ''] = await bottle.waiting(1);
    bottle.respond({ id, status: 'rejected' });
    assert.is((await call).structuredContent?.['status'], 'rejected');
  }
  await eventually(() => (readdirSync(bottle.queue).length === 2 ? true : undefined));
  for (let index = 0; index < 4; index += 1) writeFileSync(join(bottle.queue, `other-${index}`), '');
  const refused = await callTool(client, EGRESS_CALL);
  assert.match(textOf(refused), /queue of proposals is full/);
});

test('progress arrives while a call waits', async () => {
  const bottle = await start({ progressMs: 30 });
  const client = await bottle.client();
  const messages: string[] = [];
  const call = client.callTool(EGRESS_CALL, undefined, {
    timeout: 400,
    resetTimeoutOnProgress: true,
    onprogress: ({ message = '' }) => messages.push(message),
  });
  const { id } = await bottle.proposal();
  await sleep(900);
  bottle.respond({ id, status: 'approved' });
  await call;
  assert.ok(messages.length >= 5);
  assert.is(messages[0], 'waiting for the operator');
});

test('a queue that others than its group can reach, or that is not there, keeps the server from starting', async () => {
  const bottle = await start();
  bottle.stop();
  // `start` puts the mode right, so this looks at the check alone.
  const { Queue } = await import('../../../images/sidecars/supervise/queue.ts');
  const problem = async (path: string): Promise<string> =>
    new Queue(path, () => {}).check().then(
      () => 'none',
      (reason: Error) => reason.message,
    );
  assert.is(await problem(bottle.queue), 'none');
  for (const mode of [0o2777, 0o2775, 0o2771]) {
    chmodSync(bottle.queue, mode);
    assert.match(await problem(bottle.queue), /open to others/);
  }
  assert.match(await problem(join(bottle.directory, 'missing')), /ENOENT/);
});

test.run();
