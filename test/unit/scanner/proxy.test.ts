import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { ADDRESS, Bench } from './support/bench.ts';
import { askInside, httpsRequest, openTunnel, rawExchange, startTls } from './support/client.ts';

const test = suite('the scanner as a proxy');
const bench = new Bench();

test.before(() => bench.start());
test.after(() => bench.stop());
test.beforeEach(() => bench.reset());

const ask = (options: Omit<Parameters<typeof httpsRequest>[1], 'ca'> = {}) =>
  httpsRequest(bench.parts.port, { ca: bench.parts.proxyCa.pem, ...options });

test('an allowed request reaches the origin, and its answer the client', async () => {
  const answer = await ask({ method: 'POST', path: '/v1/items?page=2', fields: ['X-Custom: 1'], body: '{"a":1}' });
  assert.is(answer.status, 200);
  assert.is(answer.body, 'hello');
  const [arrival] = bench.parts.origin.arrivals;
  assert.is(arrival?.url, '/v1/items?page=2');
  assert.is(arrival?.body, '{"a":1}');
  assert.is(arrival?.headers['x-custom'], '1');
  assert.is(arrival?.headers.host, 'api.test');
  assert.equal(bench.asked, ['api.test']);
  assert.equal(bench.dialled, [`${ADDRESS}:443`]);
  const [event] = bench.eventsNamed('allowed');
  assert.is(event?.fields['url'], 'https://api.test:443/v1/items');
  assert.is(event?.fields['status_code'], 200);
});

test('a kept connection carries many requests over one upstream connection', async () => {
  const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
  const secure = await startTls(socket, { ca: bench.parts.proxyCa.pem, servername: 'api.test' });
  for (let index = 0; index < 5; index += 1) {
    const answer = await askInside(secure, `GET /${index} HTTP/1.1\r\nHost: api.test\r\n\r\n`);
    assert.is(answer.status, 200);
  }
  secure.destroy();
  assert.is(bench.parts.origin.arrivals.length, 5);
  assert.is(bench.dialled.length, 1);
});

test('a kept connection outlives the one to the origin, also for a method that must not be repeated', async () => {
  const { port, proxyCa, origin } = bench.parts;
  origin.server.keepAliveTimeout = 50;
  const { socket } = await openTunnel(port, 'api.test:443');
  const secure = await startTls(socket, { ca: proxyCa.pem, servername: 'api.test' });
  for (let round = 0; round < 3; round += 1) {
    const answer = await askInside(secure, 'POST / HTTP/1.1\r\nHost: api.test\r\nContent-Length: 2\r\n\r\nhi');
    assert.is(answer.status, 200, `round ${round}`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
  secure.destroy();
  origin.server.keepAliveTimeout = 5_000;
});

test('a host outside the allowlist is refused at CONNECT, and its name never resolved', async () => {
  const answer = await ask({ authority: 'evil.test:443' });
  assert.is(answer.status, 403);
  assert.is(answer.body, 'CONNECT blocked: domain not in allowlist: evil.test\n');
  assert.equal(bench.asked, []);
  const [event] = bench.eventsNamed('blocked');
  assert.is(event?.fields['scanner'], 'allowlist');
  assert.is(event?.fields['reason'], 'domain not in allowlist: evil.test');
});

test('an absolute-form request is forwarded, and refused for a host outside the allowlist without resolving it', async () => {
  const { port, plain } = bench.parts;
  const good = await rawExchange(port, 'GET http://api.test/x HTTP/1.1\r\nHost: api.test\r\n\r\n');
  assert.is(good.status, 200);
  assert.is(plain.arrivals[0]?.url, '/x');
  assert.is(bench.eventsNamed('forward_http').length, 1);
  bench.reset();
  const bad = await rawExchange(port, 'GET http://evil.test/x HTTP/1.1\r\nHost: evil.test\r\n\r\n');
  assert.is(bad.status, 403);
  assert.is(bad.body, 'blocked: domain not in allowlist: evil.test\n');
  assert.equal(bench.asked, []);
  assert.is(plain.arrivals.length, 0);
});

test('a secret in a refused name is not repeated', async () => {
  const answer = await ask({ authority: 'akiaiosfodnn7abcdefg.evil.test:443' });
  assert.is(answer.body, 'CONNECT blocked: domain not in allowlist: [redacted]\n');
  assert.not.match(JSON.stringify(bench.events), /akiaiosfodnn7abcdefg/i);
});

test('a passthrough host is spliced: the client sees the certificate of the origin', async () => {
  const { port, originCa, proxyCa } = bench.parts;
  const answer = await httpsRequest(port, { ca: originCa.pem, authority: 'pass.test:443', path: '/raw' });
  assert.is(answer.status, 200);
  assert.is(bench.parts.origin.arrivals[0]?.url, '/raw');
  assert.is(bench.eventsNamed('tunnel_open').length, 1);
  let failure = '';
  await httpsRequest(port, { ca: proxyCa.pem, authority: 'pass.test:443' }).catch((error: Error) => {
    failure = error.message;
  });
  assert.match(failure, /certificate/);
});

test('an SNI other than the CONNECT host closes the tunnel, intercepted or not', async () => {
  for (const [authority, ca] of [
    ['api.test:443', bench.parts.proxyCa.pem],
    ['pass.test:443', bench.parts.originCa.pem],
  ] as const) {
    bench.reset();
    let failed = false;
    await ask({ authority, servername: 'other.test' }).catch(() => {
      failed = true;
    });
    assert.ok(failed, authority);
    assert.is(bench.parts.origin.arrivals.length, 0);
    assert.is(bench.eventsNamed('sni_mismatch')[0]?.fields['category'], 'mismatch');
    assert.is((await httpsRequest(bench.parts.port, { ca, authority })).status, 200);
  }
});

test('a Host other than the tunnel is refused, by name and by port', async () => {
  const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
  const secure = await startTls(socket, { ca: bench.parts.proxyCa.pem, servername: 'api.test' });
  for (const host of ['pass.test', 'api.test:8443', 'api.test.evil.test', '']) {
    const answer = await askInside(secure, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.is(answer.status, 403, host);
    assert.is(answer.body, 'authority mismatch: blocked\n');
  }
  for (const host of ['api.test', 'API.test:443', 'api.test.']) {
    assert.is((await askInside(secure, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status, 200, host);
  }
  secure.destroy();
  assert.is(bench.parts.origin.arrivals.length, 3);
});

test('health is answered for origin-form requests to the port only', async () => {
  const { port } = bench.parts;
  const answer = await rawExchange(port, 'GET /health HTTP/1.1\r\nHost: anything\r\n\r\n');
  assert.is(answer.status, 200);
  assert.match(answer.body, /"status":"healthy"/);
  assert.is((await rawExchange(port, 'GET http://evil.test/health HTTP/1.1\r\nHost: evil.test\r\n\r\n')).status, 403);
  assert.is((await rawExchange(port, 'GET /fetch?url=http://api.test/ HTTP/1.1\r\nHost: a\r\n\r\n')).status, 404);
  assert.is((await ask({ path: '/health' })).body, 'hello');
});

test('the origin must have a certificate of a trusted root for that very host', async () => {
  bench.names = {};
  const answer = await ask({ authority: 'b.wild.test:443' });
  assert.is(answer.status, 502);
  assert.is(answer.body, 'upstream error\n');
  assert.is((await ask({ authority: 'a.wild.test:443' })).status, 200);
});

test('an origin that does not answer gives 502, and the proxy goes on', async () => {
  bench.parts.origin.respond = (request) => request.socket.destroy();
  const answer = await ask();
  assert.is(answer.status, 502);
  bench.reset();
  assert.is((await ask()).status, 200);
});

test('bytes that are not TLS get nowhere in a tunnel', async () => {
  for (const authority of ['api.test:443', 'pass.test:443']) {
    const { socket } = await openTunnel(bench.parts.port, authority);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
      socket.write('GET / HTTP/1.1\r\nHost: api.test\r\n\r\n');
    });
    assert.is(answer, '');
    assert.is(bench.parts.origin.arrivals.length, 0);
  }
});

test.run();
