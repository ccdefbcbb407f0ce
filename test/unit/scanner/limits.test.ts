import { chmodSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { AuthorityError, loadAuthority } from '../../../images/sidecars/scanner/proxy/authority.ts';
import { suite } from '../../support/suite.ts';
import { ADDRESS, Bench } from './support/bench.ts';
import { askInside, httpsRequest, openTunnel, rawExchange, startTls } from './support/client.ts';
import { SECRETS } from './support/secrets.ts';

const test = suite('what the scanner refuses of allowed hosts');
const bench = new Bench();

test.before(() => bench.start());
test.after(() => bench.stop());
test.beforeEach(() => bench.reset());

const ask = (options: Omit<Parameters<typeof httpsRequest>[1], 'ca'> = {}) =>
  httpsRequest(bench.parts.port, { ca: bench.parts.proxyCa.pem, ...options });
const token = SECRETS['GitHub token'] ?? '';

test('a secret in path, query, header and body: 403 in one line, nothing arrives, nothing of it is logged', async () => {
  const cases = [
    [{ path: `/x/${token}` }, 'blocked: DLP match: GitHub Token (critical)\n', 'dlp'],
    [{ path: `/x?q=${token}` }, 'blocked: DLP match: GitHub Token (critical)\n', 'dlp'],
    [{ fields: [`X-Note: ${token}`] }, 'blocked: request header contains secret\n', 'header_dlp'],
    [{ method: 'POST', body: `a ${token}` }, 'blocked: request body contains secret: GitHub Token\n', 'body_dlp'],
  ] as const;
  for (const [options, body, scanner] of cases) {
    bench.reset();
    const answer = await ask(options);
    assert.is(answer.status, 403);
    assert.is(answer.body, body);
    assert.match(answer.head, /content-type: text\/plain; charset=utf-8/i);
    assert.is(bench.parts.origin.arrivals.length, 0);
    assert.is(bench.eventsNamed('blocked')[0]?.fields['scanner'], scanner);
    assert.not.match(JSON.stringify(bench.events), new RegExp(token));
  }
  assert.is((await ask({ path: '/x?q=fine', fields: ['X-Note: fine'], method: 'POST', body: 'fine' })).status, 200);
});

test('the same in absolute form and in the fields of a CONNECT', async () => {
  const { port, plain } = bench.parts;
  const absolute = await rawExchange(port, `GET http://api.test/${token} HTTP/1.1\r\nHost: api.test\r\n\r\n`);
  assert.is(absolute.body, 'blocked: DLP match: GitHub Token (critical)\n');
  assert.is(plain.arrivals.length, 0);
  const { answer } = await openTunnel(port, 'api.test:443', `Host: api.test:443\r\nX-Note: ${token}\r\n`);
  assert.is(answer.status, 403);
  assert.is(answer.body, 'CONNECT blocked: header DLP match\n');
  assert.equal(bench.asked, []);
});

test('an ignored header passes with a credential, and arrives', async () => {
  assert.is((await ask({ fields: [`Authorization: Bearer ${token}`] })).status, 200);
  assert.is(bench.parts.origin.arrivals[0]?.headers.authorization, `Bearer ${token}`);
});

test('a secret in a label under a wildcard is refused before its name is resolved', async () => {
  const hex = Buffer.from(SECRETS['AWS access key id alone'] ?? '').toString('hex');
  for (const label of [SECRETS['AWS access key id alone'], hex, 'q7w2e9r4t1y6u3i8o5p0asdfgh']) {
    const answer = await ask({ authority: `${label}.wild.test:443` });
    assert.is(answer.status, 403, label);
  }
  assert.equal(bench.asked, []);
  assert.is((await ask({ authority: 'a.wild.test:443' })).status, 200);
});

test('a name that resolves to an internal address is refused, one bad address among good ones too', async () => {
  for (const addresses of [['10.0.0.1'], [ADDRESS, '127.0.0.1'], ['::ffff:10.0.0.1'], ['169.254.169.254'], []]) {
    bench.reset();
    bench.names = { 'api.test': addresses };
    const answer = await ask();
    assert.is(answer.status, 403, addresses.join());
    assert.match(answer.body, /^CONNECT blocked: SSRF blocked: /);
    assert.is(bench.eventsNamed('blocked')[0]?.fields['scanner'], 'ssrf');
    assert.equal(bench.dialled, []);
  }
  bench.reset();
  assert.is((await ask()).status, 200);
});

test('a trusted host may be internal, but never a metadata service', async () => {
  bench.names = { 'corp.test': ['10.0.0.9'] };
  assert.is((await ask({ authority: 'corp.test:443' })).status, 200);
  assert.equal(bench.dialled, ['10.0.0.9:443']);
  bench.names = { 'corp.test': ['169.254.169.254'] };
  assert.is((await ask({ authority: 'corp.test:443' })).status, 403);
});

test('a name that changes its address is judged again for each connection, and dialled where it was judged', async () => {
  const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
  const secure = await startTls(socket, { ca: bench.parts.proxyCa.pem, servername: 'api.test' });
  bench.parts.origin.respond = (_request, response) => {
    response.setHeader('Connection', 'close');
    response.end('hello');
  };
  const get = 'GET / HTTP/1.1\r\nHost: api.test\r\n\r\n';
  assert.is((await askInside(secure, get)).status, 200);
  bench.names = { 'api.test': ['127.0.0.1'] };
  const rebound = await askInside(secure, get);
  assert.is(rebound.status, 403);
  assert.is(rebound.body, 'blocked: SSRF blocked: api.test resolves to internal IP 127.0.0.1\n');
  assert.equal(bench.dialled, [`${ADDRESS}:443`]);
  secure.destroy();
});

test('compressed and oversized request bodies are refused', async () => {
  const zipped = await ask({ method: 'POST', fields: ['Content-Encoding: gzip'], body: gzipSync('x') });
  const reason = 'request body uses Content-Encoding "gzip"; compressed bodies cannot be scanned for secrets';
  assert.is(zipped.body, `blocked: ${reason}\n`);
  const large = await ask({ method: 'POST', body: 'a'.repeat(200_001) });
  assert.is(large.body, 'blocked: request body exceeds max_body_bytes (200000)\n');
  const chunk = `${(100_000).toString(16)}\r\n${'a'.repeat(100_000)}\r\n`;
  const head = 'POST http://api.test/ HTTP/1.1\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunked = await rawExchange(bench.parts.port, `${head}${chunk}${chunk}${chunk}0\r\n\r\n`);
  assert.is(chunked.body, 'blocked: request body exceeds max_body_bytes (200000)\n');
  assert.is(bench.parts.origin.arrivals.length + bench.parts.plain.arrivals.length, 0);
  assert.is((await ask({ method: 'POST', body: 'a'.repeat(200_000) })).status, 200);
});

test('a response over the cap is refused when its length is known, and cut when it is not', async () => {
  const { origin } = bench.parts;
  origin.respond = (_request, response) => response.end(Buffer.alloc(100_001, 97));
  const declared = await ask();
  assert.is(declared.status, 403);
  assert.match(declared.body, /^blocked: response too large for scanning; .*tlsPassthrough\n$/);
  origin.respond = (_request, response) => {
    for (let index = 0; index < 20; index += 1) response.write(Buffer.alloc(10_000, 97));
    response.end();
  };
  const streamed = await ask();
  assert.is(streamed.status, 200);
  assert.ok(streamed.body.length <= 101_000 && !streamed.body.endsWith('0\r\n\r\n'));
  assert.is(bench.eventsNamed('blocked').at(-1)?.fields['scanner'], 'tls_response_blocked');
  origin.respond = (_request, response) => response.end(Buffer.alloc(100_000, 97));
  assert.is((await ask()).body.length, 100_000);
});

test('a compressed response is refused, and none is asked for', async () => {
  bench.parts.origin.respond = (_request, response) => {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(gzipSync('x'));
  };
  const answer = await ask({ fields: ['Accept-Encoding: gzip'] });
  assert.is(answer.body, 'blocked: compressed response cannot be scanned\n');
  assert.is(bench.parts.origin.arrivals[0]?.headers['accept-encoding'], undefined);
});

test('an event stream arrives as it is written', async () => {
  bench.parts.origin.respond = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 1\n\n');
    setTimeout(() => response.end('data: 2\n\n'), 300);
  };
  const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
  const secure = await startTls(socket, { ca: bench.parts.proxyCa.pem, servername: 'api.test' });
  const started = performance.now();
  secure.write('GET / HTTP/1.1\r\nHost: api.test\r\n\r\n');
  await new Promise<void>((resolve) => {
    secure.on('data', (chunk: Buffer) => chunk.includes('data: 1') && resolve());
  });
  assert.ok(performance.now() - started < 250);
  secure.destroy();
});

test('one request too many in a minute is a 429', async () => {
  const slow = new Bench();
  await slow.start((config) => {
    config['fetch_proxy'] = { listen: '127.0.0.1:8888', monitoring: { max_requests_per_minute: 3 } };
  });
  const once = () => httpsRequest(slow.parts.port, { ca: slow.parts.proxyCa.pem });
  assert.is((await once()).status, 200);
  assert.is((await once()).body, 'blocked: rate limit exceeded for api.test\n');
  const refused = await once();
  assert.is(refused.status, 429);
  assert.is(refused.body, 'CONNECT blocked: rate limit exceeded for api.test\n');
  await slow.stop();
});

test('ports other than 80 and 443 are for bottles with egress', async () => {
  const { answer } = await openTunnel(bench.parts.port, 'api.test:8443');
  assert.is(answer.status, 200);
  const exposed = new Bench();
  await exposed.start((config) => {
    config['fetch_proxy'] = { listen: 'claude-bottle-pipelock-x:8888', monitoring: { max_requests_per_minute: 1000 } };
  });
  const refused = await openTunnel(exposed.parts.port, 'api.test:8443');
  assert.is(refused.answer.body, 'CONNECT blocked: port 8443 not allowed: only 80 and 443\n');
  assert.equal(exposed.asked, []);
  assert.is((await openTunnel(exposed.parts.port, 'api.test:443')).answer.status, 200);
  await exposed.stop();
});

test('a CA key that others may read, or that is no SEC1 key, is not used', () => {
  const [certificate, key] = [`${bench.directory}/ca.pem`, `${bench.directory}/ca-key.pem`];
  assert.ok(loadAuthority(certificate, key));
  chmodSync(key, 0o640);
  assert.ok(loadAuthority(certificate, key));
  for (const mode of [0o644, 0o660, 0o604, 0o700]) {
    chmodSync(key, mode);
    assert.throws(
      () => loadAuthority(certificate, key),
      (error: Error) => error instanceof AuthorityError,
    );
  }
  chmodSync(key, 0o600);
  assert.throws(() => loadAuthority(certificate, certificate), /mode|SEC1/);
  assert.throws(() => loadAuthority(key, key), /cannot be used/);
});

test.run();
