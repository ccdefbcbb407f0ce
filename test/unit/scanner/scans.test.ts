import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { ContentJudge } from '../../../images/sidecars/scanner/scans/content-judge.ts';
import type { ScanJob } from '../../../images/sidecars/scanner/scans/job.ts';
import { suite } from '../../support/suite.ts';
import { Bench, PROGRAM_FILE } from './support/bench.ts';
import { httpsRequest, openTunnel, rawExchange, startTls } from './support/client.ts';
import { HARMLESS_BODIES } from './support/harmless.ts';
import { SECRETS } from './support/secrets.ts';

const test = suite('scans beside the event loop', { timeoutMs: 100_000 });
const token = SECRETS['GitHub token'] ?? '';
const judges: ContentJudge[] = [];

function judgeWith(options: ConstructorParameters<typeof ContentJudge>[1] = {}): ContentJudge {
  const judge = new ContentJudge(PROGRAM_FILE, options);
  judges.push(judge);
  return judge;
}

test.afterEach(() => {
  for (const judge of judges.splice(0)) judge.close();
});

const body = (text: string | Buffer): ScanJob => ({ kind: 'body', bytes: Buffer.from(text) });
/** Source code in JSON: legible throughout, and so among the longest to scan. */
const code = JSON.stringify({ content: String(HARMLESS_BODIES['compiled code']) });
const slow = (bytes: number) => body(code.repeat(Math.ceil(bytes / code.length)).slice(0, bytes));

test('a verdict is the same whatever the size of what is judged', async () => {
  const judge = judgeWith();
  for (const padding of [0, 20_000, 400_000]) {
    const text = 'words '.repeat(padding / 6);
    assert.is((await judge.judge(body(`${text}${token}`)))?.reason, 'request body contains secret: GitHub Token');
    assert.is(await judge.judge(body(`${text}nothing`)), undefined);
  }
  const fields = [{ name: 'X-Long', value: `${'words '.repeat(3_000)}${token}` }];
  assert.is((await judge.judge({ kind: 'headers', fields, ignored: new Set() }))?.scanner, 'header_dlp');
  assert.is(await judge.judge({ kind: 'headers', fields, ignored: new Set(['x-long']) }), undefined);
  const target = `/${'words/'.repeat(3_000)}${token}`;
  assert.is((await judge.judge({ kind: 'target', origin: 'https://api.test', target }))?.scanner, 'dlp');
});

test('a short text that hides much is scanned, too, but not on the event loop', async () => {
  const judge = judgeWith();
  const hidden = gzipSync(`${'words '.repeat(100_000)}${token}`);
  assert.ok(hidden.length < 8_000);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  assert.is((await judge.judge(body(hidden)))?.reason, 'request body contains secret: GitHub Token');
  clearInterval(timer);
  assert.ok(turns > 3, `${turns} turns of the event loop`);
});

test('a scan over its time is ended and refused, and the next one is scanned', async () => {
  const judge = judgeWith({ limitMs: (bytes) => (bytes > 1_000_000 ? 20 : 30_000) });
  const refused = await judge.judge(slow(2_000_000));
  assert.equal(refused, {
    scanner: 'body_dlp',
    reason: 'request body cannot be scanned: it takes longer than 1 s',
    status: 403,
  });
  assert.is(await judge.judge(body('harmless '.repeat(50_000))), undefined);
});

test('a scan over its memory is refused, and the next one is scanned', async () => {
  const judge = judgeWith({ heapMiB: 16 });
  const refused = await judge.judge(slow(3_000_000));
  assert.match(refused?.reason ?? '', /cannot be scanned: it takes more memory than a scan has/);
  assert.is(refused?.status, 403);
  assert.is(await judge.judge(body('harmless '.repeat(2_000))), undefined);
});

test('a process that does not start refuses everything that it should scan', async () => {
  const judge = new ContentJudge(join(import.meta.dirname, 'no-such-file.mjs'));
  judges.push(judge);
  assert.is((await judge.judge(slow(20_000)))?.reason, 'request body cannot be scanned: the scan failed');
  assert.is((await judge.judge(slow(20_000)))?.status, 403);
});

test('those who wait are bounded, and who went away is not scanned for', async () => {
  const judge = judgeWith({ mostWaiting: 2 });
  const jobs = Array.from({ length: 5 }, () => judge.judge(slow(300_000)));
  const statuses = (await Promise.all(jobs)).map((verdict) => verdict?.status);
  assert.equal(statuses, [undefined, undefined, undefined, 503, 503]);
  const first = judge.judge(slow(300_000));
  const gone = judge.judge(slow(300_000), () => false);
  assert.is(await first, undefined);
  assert.is((await gone)?.status, 503);
});

test('what is small does not wait for what is large', async () => {
  const judge = judgeWith();
  await Promise.all([judge.judge(slow(300_000)), judge.judge(slow(10_000))]);
  const order: string[] = [];
  const large = judge.judge(slow(3_000_000)).then(() => order.push('large'));
  await judge.judge(slow(20_000)).then(() => order.push('small'));
  await judge.judge(body('tiny')).then(() => order.push('tiny'));
  await large;
  assert.equal(order, ['small', 'tiny', 'large']);
});

test('a process with nothing to do is let go, and comes back', async () => {
  const judge = judgeWith({ idleMs: 10 });
  assert.is(await judge.judge(slow(20_000)), undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is((await judge.judge(body(`${'a '.repeat(10_000)}${token}`)))?.scanner, 'body_dlp');
});

test('health and other requests are answered while 5 MB are scanned', async () => {
  const bench = new Bench();
  await bench.start((config) => {
    Object.assign(config['request_body_scanning'] as object, { max_body_bytes: 6_000_000 });
  });
  try {
    const { port, proxyCa, origin } = bench.parts;
    const { socket } = await openTunnel(port, 'api.test:443');
    const upload = await startTls(socket, { ca: proxyCa.pem, servername: 'api.test' });
    let isAnswered = false;
    const bytes = code.repeat(60).slice(0, 5_000_000);
    upload.write(`POST / HTTP/1.1\r\nHost: api.test\r\nContent-Length: ${bytes.length}\r\n\r\n${bytes}`);
    upload.once('data', () => {
      isAnswered = true;
    });
    let meanwhile = 0;
    while (!isAnswered) {
      assert.is((await rawExchange(port, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n')).status, 200);
      assert.is((await httpsRequest(port, { ca: proxyCa.pem, path: '/small' })).status, 200);
      if (!isAnswered) meanwhile += 1;
    }
    // On the event loop there would be a round while the body arrives, and none while it is scanned.
    assert.ok(meanwhile > 2, `${meanwhile} rounds`);
    assert.is(origin.arrivals.filter(({ method }) => method === 'POST').length, 1);
    upload.destroy();
  } finally {
    await bench.stop();
  }
});

test.run();
