/** What egress keeps in memory is bounded, whatever its clients and their hosts do: measured on a real mitmdump. */

import * as assert from 'uvu/assert';
import { egressSuite } from './egress-suite.ts';
import { https, receive, request, send, tunnel } from './steps.ts';

const { test, rig, one, run } = await egressSuite('the memory of egress', { timeoutMs: 480_000 });
const MIB = 1024 * 1024;

/** Runs `body` and fails where the highest memory grew by more than `limit` KiB meanwhile. */
async function within(limit: number, what: string, body: () => Promise<void>): Promise<void> {
  const before = await rig().memoryKiB('VmHWM');
  await body();
  const grown = (await rig().memoryKiB('VmHWM')) - before;
  assert.ok(grown < limit, `${what}: memory grew by ${grown} KiB`);
}

function tests(): void {
  test('a download of 300 MB is streamed, and one of 100 MB that is searched for the credential', () =>
    within(40_000, 'downloads', async () => {
      assert.is((await one(...https('docs.test', 'GET /big/300000000'))).size, 300_000_000);
      assert.is((await one(...https('basic.test', 'GET /big/100000000'))).size, 100_000_000);
    }));

  test('a download over HTTP/2 waits for a client that does not read, and then comes whole', () =>
    within(40_000, 'a closed window', async () => {
      const job = { kind: 'slow', host: 'docs.test', path: '/big/150000000', pause: 5 };
      assert.is(await rig().load(job), 150_000_000);
    }));

  test('nothing is kept of 10,000 requests', async () => {
    const job = { kind: 'requests', host: 'basic.test', line: 'GET /echo/body' };
    assert.equal(await rig().load({ ...job, times: 1000 }), { 200: 1000 });
    const before = await rig().memoryKiB('VmRSS');
    assert.equal(await rig().load({ ...job, times: 9000 }), { 200: 9000 });
    const grown = (await rig().memoryKiB('VmRSS')) - before;
    assert.ok(grown < 8000, `9,000 requests left ${grown} KiB`);
  });

  test('nothing is kept of 3,000 requests on one connection of HTTP/2', async () => {
    const job = { kind: 'streams', host: 'basic.test', path: '/echo/body' };
    assert.equal(await rig().load({ ...job, times: 300 }), { 200: 300 });
    const before = await rig().memoryKiB('VmHWM');
    assert.equal(await rig().load({ ...job, times: 3000 }), { 200: 3000 });
    const grown = (await rig().memoryKiB('VmHWM')) - before;
    assert.ok(grown < 25_000, `3,000 requests left ${grown} KiB`);
  });

  test('nothing is kept of uploads that were answered', async () => {
    const body = 'z'.repeat(100_000);
    const post = [request('docs.test', 'POST /kept', 'Content-Length: 100000'), send(body), receive];
    const rounds = (count: number) => [...tunnel('docs.test'), ...Array.from({ length: count }, () => post).flat()];
    assert.is((await one(...rounds(20))).status, 200);
    const before = await rig().memoryKiB('VmRSS');
    assert.is((await one(...rounds(400))).status, 200);
    const grown = (await rig().memoryKiB('VmRSS')) - before;
    assert.ok(grown < 15_000, `400 bodies of 100 kB left ${grown} KiB`);
  });

  test('uploads that are under way share one budget, beyond which they are refused, and give it back', () =>
    within(250_000, 'parallel uploads', async () => {
      for (let round = 0; round < 2; round += 1) {
        const job = { kind: 'uploads', host: 'docs.test', size: 4 * MIB, times: 40, pause: 2 };
        const { answers, other } = (await rig().load(job)) as { answers: [number, string][]; other: number };
        const waiting = answers.filter(([status]) => status === -1).length;
        const refused = answers.filter(([status, body]) => status === 403 && body.includes('"rule": "busy"')).length;
        assert.ok(waiting >= 10 && waiting <= 16, `${waiting} of 40 were taken in round ${round}`);
        assert.is(waiting + refused, 40);
        assert.is(other, 200, 'a request without a body still passes');
      }
      const [, text] = ((await rig().probe(https('docs.test', 'GET /after')))[0] ?? []).slice(-2);
      assert.is(text?.status, 200);
    }));

  for (const what of ['frame', 'head', 'greeting']) {
    test(`a connection is cut whose HTTP/2 or TLS announces more than it may: a ${what}`, () =>
      within(40_000, what, async () => {
        const job = { kind: 'unfinished', what, host: 'docs.test', times: 10, size: 8 * MIB };
        assert.is(await rig().load(job), 10, 'the others were kept open');
      }));
  }

  test('connections are limited, and free again once they are closed', () =>
    within(100_000, 'connections', async () => {
      const closed = (await rig().load({ kind: 'connections', times: 600, pause: 2 })) as number;
      assert.ok(closed >= 88, `only ${closed} of 600 were hung up on`);
      for (let tries = 0; tries < 20; tries += 1) {
        if ((await one(...https('docs.test', 'GET /again'))).status === 200) return;
      }
      assert.unreachable('no connection came free');
    }));
}

run('memory is bounded', tests);
