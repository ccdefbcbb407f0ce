import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { callTool, EGRESS_CALL, eventually, TestBottle } from './bottle.ts';

const test = suite('supervise › http');

let bottle: TestBottle;
test.beforeEach(async () => {
  bottle = await TestBottle.start({ httpLimits: { requests: 2, connections: 64 } });
});
test.afterEach(() => bottle.remove());

const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

const post = (headers: Readonly<Record<string, string>>, body = LIST) =>
  bottle.http('POST', '/mcp', { ...JSON_HEADERS, ...headers }, body);

test('health answers with the digest of the configuration', async () => {
  const { status, body } = await bottle.http('GET', '/health', { host: `supervise:${bottle.port}` });
  assert.is(status, 200);
  assert.equal(JSON.parse(body), { status: 'ok', digest: 'd'.repeat(64) });
});

test('the short and the long alias are answered, with our port only', async () => {
  for (const name of ['supervise', 'claude-bottle-supervise-demo', 'SUPERVISE']) {
    assert.is((await post({ host: `${name}:${bottle.port}` })).status, 200, name);
    assert.is((await bottle.http('GET', '/health', { host: `${name}:${bottle.port}` })).status, 200, name);
  }
});

for (const [title, host] of [
  ['another name', 'evil.test:PORT'],
  ['another bottle', 'claude-bottle-supervise-other:PORT'],
  ['no port', 'supervise'],
  ['another port', 'supervise:80'],
  ['a name that only begins like ours', 'supervise.evil.test:PORT'],
] as const) {
  test(`a Host with ${title} gets 403, for /mcp and for /health`, async () => {
    const headers = { host: host.replace('PORT', String(bottle.port)) };
    assert.is((await post(headers)).status, 403);
    assert.is((await bottle.http('GET', '/health', headers)).status, 403);
  });
}

test('a request without a Host gets 403', async () => {
  const socket = connect(bottle.port, '127.0.0.1').setEncoding('utf8');
  socket.write('GET /health HTTP/1.0\r\n\r\n');
  const answer = await new Promise<string>((resolve) => socket.once('data', (text) => resolve(String(text))));
  assert.match(answer, /^HTTP\/1\.1 403 /);
  socket.destroy();
});

test('an Origin is refused unless it is the host that is asked', async () => {
  const host = `supervise:${bottle.port}`;
  assert.is((await post({ host, origin: `http://${host}` })).status, 200);
  for (const origin of ['http://evil.test', 'null', '', `https://${host}`, `http://127.0.0.1:${bottle.port}`]) {
    assert.is((await post({ host, origin })).status, 403, origin);
  }
});

test('other paths and methods are refused', async () => {
  const headers = { ...JSON_HEADERS, host: `supervise:${bottle.port}` };
  for (const [method, path, status] of [
    ['GET', '/', 404],
    ['GET', '/mcp/', 404],
    ['POST', '/mcp?x', 404],
    ['POST', `http://supervise:${bottle.port}/mcp`, 404],
    ['GET', '/mcp', 405],
    ['DELETE', '/mcp', 405],
    ['POST', '/health', 405],
  ] as const) {
    assert.is((await bottle.http(method, path, headers)).status, status, `${method} ${path}`);
  }
});

test('a body that is too large, or no JSON-RPC, is refused', async () => {
  const host = `supervise:${bottle.port}`;
  const large = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { x: 'x'.repeat(70_000) } });
  assert.is((await post({ host }, large)).status, 413);
  assert.is((await post({ host, 'transfer-encoding': 'chunked' }, large)).status, 413);
  assert.is((await post({ host }, 'hello')).status, 400);
  assert.is((await post({ host }, '{"hello":1}')).status, 400);
  assert.is((await post({ host, 'content-type': 'text/plain' })).status, 415);
});

test('more requests than may be open at once get 503, and health is still answered', async () => {
  const client = await bottle.client();
  const calls = [1, 2].map(async () => callTool(client, EGRESS_CALL).catch(() => undefined));
  const host = `supervise:${bottle.port}`;
  const isBusy = async (): Promise<boolean> => (await post({ host })).status === 503;
  await eventually(async () => ((await isBusy()) ? true : undefined));
  assert.is((await bottle.http('GET', '/health', { host })).status, 200);
  await client.close();
  await Promise.all(calls);
  await eventually(async () => ((await isBusy()) ? undefined : true));
});

test('connections from elsewhere are limited; those from our own address never are', async () => {
  await bottle.remove();
  bottle = await TestBottle.start({ httpLimits: { requests: 2, connections: 1 } });
  const opened = [1, 2].map((last) =>
    connect({ host: '127.0.0.1', port: bottle.port, localAddress: `127.0.0.${last + 1}` }),
  );
  const [kept, dropped] = opened;
  const closed = new Promise((resolve) =>
    dropped
      ?.once('close', resolve)
      .on('error', () => undefined)
      .resume(),
  );
  await closed;
  assert.is(kept?.destroyed, false);
  const { status } = await bottle.http('GET', '/health', { host: `supervise:${bottle.port}` });
  assert.is(status, 200);
  kept?.destroy();
});

test.run();
