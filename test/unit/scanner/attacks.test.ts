import type { IncomingHttpHeaders } from 'node:http';
import { connect as tlsConnect } from 'node:tls';
import * as assert from 'uvu/assert';
import { readClientHello } from '../../../images/sidecars/scanner/proxy/client-hello.ts';
import { suite } from '../../support/suite.ts';
import { Bench } from './support/bench.ts';
import { askInside, openTunnel, rawExchange, readUntil, startTls } from './support/client.ts';
import { SECRETS } from './support/secrets.ts';

const test = suite('attacks on the scanner');
const bench = new Bench();

test.before(() => bench.start());
test.after(() => bench.stop());
test.beforeEach(() => bench.reset());

const arrivals = () => [...bench.parts.origin.arrivals, ...bench.parts.plain.arrivals];
const absolute = (url: string, host: string, more = '') =>
  rawExchange(bench.parts.port, `GET ${url} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`);

async function inside(bytes: string) {
  const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
  const secure = await startTls(socket, { ca: bench.parts.proxyCa.pem, servername: 'api.test' });
  const answer = await askInside(secure, bytes);
  secure.destroy();
  return answer;
}

test('CONNECT to anything that is not plainly host:port is refused, and nothing resolved', async () => {
  const authorities = [
    'user@api.test:443',
    'user:pw@api.test:443',
    '2130706433:443',
    '0x7f000001:443',
    '0177.0.0.1:443',
  ];
  authorities.push('127.1:443', '[fe80::1%25lo]:443', '[::ffff:127.0.0.1]:443', '127.0.0.1:443', '169.254.169.254:443');
  authorities.push('api.test:0', 'api.test:99999', 'api.test..:443', 'api.test#@evil.test:443', 'b\u00fccher.test:443');
  authorities.push(
    'evil.test',
    'api.test.evil.test:443',
    'xapi.test:443',
    'http://api.test:443',
    'api.test:443/x',
    '/health',
  );
  for (const authority of authorities) {
    const { answer, socket } = await openTunnel(bench.parts.port, authority, '');
    assert.ok(answer.status === 403 || answer.status === 400, `${authority}: ${answer.head}`);
    socket.destroy();
  }
  assert.equal(bench.asked, []);
  assert.equal(bench.dialled, []);
  for (const authority of ['api.test:443', 'API.TEST.:443', 'api.test']) {
    const { answer, socket } = await openTunnel(bench.parts.port, authority, '');
    assert.is(answer.status, 200, authority);
    socket.destroy();
  }
});

test('a CONNECT whose Host names another host is refused', async () => {
  for (const fields of [
    'Host: evil.test\r\n',
    'Host: api.test:443\r\nHost: api.test:443\r\n',
    'Host: api.test:80\r\n',
  ]) {
    assert.is((await openTunnel(bench.parts.port, 'api.test:443', fields)).answer.status, 403, fields);
  }
});

test('absolute form with another Host, two Hosts, user information or a foreign scheme is refused', async () => {
  assert.is((await absolute('http://api.test/', 'evil.test')).body, 'authority mismatch: blocked\n');
  assert.is((await absolute('http://api.test/', 'api.test', 'Host: evil.test\r\n')).status, 403);
  assert.is((await absolute('http://api.test/', 'api.test:8080')).status, 403);
  for (const url of [
    'http://u:p@api.test/',
    'http://evil.test@api.test/',
    'http://api.test@evil.test/',
    'http:///x',
    'http://',
  ]) {
    assert.is((await absolute(url, 'api.test')).status, 403, url);
  }
  for (const url of ['https://api.test/', 'ftp://api.test/', 'file:///etc/passwd', 'gopher://api.test/']) {
    const { status } = await absolute(url, 'api.test');
    assert.ok(status === 403 || status === 400, url);
  }
  assert.is(arrivals().length, 0);
  assert.equal(bench.asked, []);
  assert.is((await absolute('http://API.test/', 'api.test')).status, 200);
});

test('requests that two parsers may read differently are not forwarded', async () => {
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: api.test\r\n\r\n';
  const line = 'POST / HTTP/1.1\r\nHost: api.test\r\n';
  const heads = {
    'both lengths': `${line}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'two lengths': `${line}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    'a signed length': `${line}Content-Length: +5\r\n\r\nhello`,
    'a hex length': `${line}Content-Length: 0x5\r\n\r\nhello`,
    'an unknown transfer coding': `${line}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'chunked not last': `${line}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    'a space before the colon': `${line}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    'a folded field': `${line}X-A: 1\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`,
    'a bare line feed': 'GET / HTTP/1.1\nHost: api.test\n\n',
    'a bare carriage return': `${line}X-A: 1\rX-B: 2\r\nContent-Length: 0\r\n\r\n`,
    'a NUL in a value': `${line}X-A: a\0b\r\nContent-Length: 0\r\n\r\n`,
    'no Host': 'GET / HTTP/1.1\r\n\r\n',
    'two Hosts': 'GET / HTTP/1.1\r\nHost: api.test\r\nHost: api.test\r\n\r\n',
    'a foreign version': 'GET / HTTP/3.0\r\nHost: api.test\r\n\r\n',
    'a chunk size that overflows': `${line}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n`,
    'a negative chunk size': `${line}Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n`,
  };
  for (const [name, bytes] of Object.entries(heads)) {
    bench.reset();
    const { status } = await inside(bytes);
    assert.ok(status === 400 || status === 403, `${name}: ${status}`);
    assert.is(arrivals().length, 0, name);
  }
  assert.is(
    (await inside(`${line}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n`)).status,
    200,
  );
  const [arrival] = arrivals();
  assert.is(arrival?.body, 'hello');
  assert.is(arrival?.headers['content-length'], '5');
  assert.is(arrival?.headers['transfer-encoding'], undefined);
  assert.is(arrival?.headers['x-trailer'], undefined);
});

test('fields of the connection do not travel, whatever Connection names', async () => {
  const fields =
    'Connection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nProxy-Authorization: Basic eDp5\r\nKeep-Alive: 5\r\n';
  assert.is((await inside(`GET / HTTP/1.1\r\nHost: api.test\r\n${fields}X-End: 1\r\n\r\n`)).status, 200);
  const headers: IncomingHttpHeaders = arrivals()[0]?.headers ?? {};
  assert.is(headers['x-end'], '1');
  for (const name of ['x-hop', 'te', 'proxy-authorization', 'keep-alive']) assert.is(headers[name], undefined, name);
});

test('every copy of a repeated header is scanned', async () => {
  const secret = SECRETS['Stripe key'];
  assert.is((await inside(`GET / HTTP/1.1\r\nHost: api.test\r\nX-A: 1\r\nX-A: ${secret}\r\n\r\n`)).status, 403);
  assert.is((await inside(`GET / HTTP/1.1\r\nHost: api.test\r\nX-A: 1\r\nX-A: 2\r\n\r\n`)).status, 200);
});

test('a secret in an ignored name does not hide behind another spelling of it', async () => {
  const secret = SECRETS['Stripe key'];
  for (const name of ['Authorization_', 'X-Authorization', 'Authorization-', 'Proxy-Authorization']) {
    assert.is((await inside(`GET / HTTP/1.1\r\nHost: api.test\r\n${name}: ${secret}\r\n\r\n`)).status, 403, name);
  }
});

test('an absolute URL, an asterisk or a CONNECT inside a tunnel goes nowhere', async () => {
  const host = 'Host: api.test\r\n\r\n';
  assert.is((await inside(`GET https://evil.test/ HTTP/1.1\r\n${host}`)).status, 403);
  assert.is((await inside(`GET http://api.test/ HTTP/1.1\r\n${host}`)).status, 403);
  assert.is((await inside(`OPTIONS * HTTP/1.1\r\n${host}`)).status, 403);
  assert.is((await inside(`CONNECT evil.test:443 HTTP/1.1\r\n${host}`)).status, 400);
  assert.is(arrivals().length, 0);
  assert.equal(
    bench.asked.filter((name) => name !== 'api.test'),
    [],
  );
});

test('endless headers end in an error, not in memory', async () => {
  const { status } = await absolute('http://api.test/', 'api.test', `X-A: ${'a'.repeat(100_000)}\r\n`);
  assert.is(status, 431);
  const many = Array.from({ length: 3_000 }, (_, index) => `X-${index}: 1\r\n`).join('');
  assert.is((await absolute('http://api.test/', 'api.test', many)).status, 200);
  assert.is(Object.keys(arrivals()[0]?.headers ?? {}).filter((name) => name.startsWith('x-')).length, 3_000);
});

test('a protocol upgrade other than a WebSocket is refused', async () => {
  const answer = await inside('GET / HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  assert.is(answer.body, 'blocked: protocol upgrade not allowed\n');
  assert.is(arrivals().length, 0);
});

test('a WebSocket handshake is judged, and its frames pass both ways', async () => {
  bench.parts.origin.server.removeAllListeners('upgrade');
  bench.parts.origin.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Ok: 1\r\n\r\n');
    socket.on('data', (chunk: Buffer) => socket.write(`echo ${chunk}`));
  });
  const upgrade = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`;
  assert.is((await inside(upgrade(`/${SECRETS['GitHub token']}`))).status, 403);
  const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
  const secure = await startTls(socket, { ca: bench.parts.proxyCa.pem, servername: 'api.test' });
  secure.write(upgrade('/ws'));
  assert.match(await readUntil(secure, (seen) => seen.includes('\r\n\r\n')), /^HTTP\/1\.1 101 .*X-Ok: 1/s);
  secure.write('frame');
  assert.is(await readUntil(secure, (seen) => seen.includes('frame')), 'echo frame');
  secure.destroy();
  bench.parts.origin.server.removeAllListeners('upgrade');
});

test('an upgrade is refused where no egress stands in front', async () => {
  const exposed = new Bench();
  await exposed.start((config) => {
    config['fetch_proxy'] = { listen: 'claude-bottle-pipelock-x:8888', monitoring: { max_requests_per_minute: 1000 } };
  });
  const { socket } = await openTunnel(exposed.parts.port, 'api.test:443');
  const secure = await startTls(socket, { ca: exposed.parts.proxyCa.pem, servername: 'api.test' });
  const answer = await askInside(
    secure,
    'GET / HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  assert.is(answer.status, 403);
  secure.destroy();
  await exposed.stop();
});

test('a client that offers only HTTP/2, or no server name, gets no tunnel', async () => {
  for (const options of [{ ALPNProtocols: ['h2'], servername: 'api.test' }, { servername: '' }]) {
    const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
    let failed = false;
    await startTls(socket, { ca: bench.parts.proxyCa.pem, ...options }).catch(() => {
      failed = true;
    });
    assert.ok(failed, JSON.stringify(options));
  }
  assert.is(arrivals().length, 0);
});

/** The bytes of a ClientHello for `servername`. */
async function helloFor(servername: string): Promise<Buffer> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const bytes = new Promise<Buffer>((resolve) => server.once('connection', (socket) => socket.once('data', resolve)));
  const client = tlsConnect({ port, host: '127.0.0.1', servername });
  client.on('error', () => {});
  const hello = await bytes;
  client.destroy();
  server.close();
  return hello;
}

/** `hello` with one more extension at its end. */
function withExtension(hello: Buffer, type: number, data: Buffer): Buffer {
  const extension = Buffer.concat([Buffer.alloc(4), data]);
  extension.writeUInt16BE(type, 0);
  extension.writeUInt16BE(data.length, 2);
  const bytes = Buffer.concat([hello, extension]);
  const more = extension.length;
  bytes.writeUInt16BE(bytes.readUInt16BE(3) + more, 3);
  bytes.writeUIntBE(bytes.readUIntBE(6, 3) + more, 6, 3);
  let at = 9 + 2 + 32;
  at += 1 + (bytes[at] ?? 0);
  at += 2 + bytes.readUInt16BE(at);
  at += 1 + (bytes[at] ?? 0);
  bytes.writeUInt16BE(bytes.readUInt16BE(at) + more, at);
  return bytes;
}

const serverName = (names: readonly string[]): Buffer => {
  const entries = names.map((name) => Buffer.concat([Buffer.from([0, 0, name.length]), Buffer.from(name)]));
  const list = Buffer.concat(entries);
  return Buffer.concat([Buffer.from([list.length >> 8, list.length & 255]), list]);
};

test('a ClientHello is read strictly', async () => {
  const hello = await helloFor('api.test');
  assert.equal(readClientHello(hello), { serverName: 'api.test', encrypted: false });
  for (const length of [1, 4, 5, 6, 50, hello.length - 1]) {
    assert.is(readClientHello(hello.subarray(0, length)), 'incomplete', String(length));
  }
  assert.is(readClientHello(withExtension(hello, 0, serverName(['evil.test']))), 'malformed');
  const unnamed = await helloFor('');
  assert.equal(readClientHello(unnamed), { encrypted: false });
  assert.equal(readClientHello(withExtension(unnamed, 0, serverName(['A.test']))), {
    serverName: 'a.test',
    encrypted: false,
  });
  assert.is(readClientHello(withExtension(unnamed, 0, serverName(['a.test', 'b.test']))), 'malformed');
  assert.is(readClientHello(withExtension(unnamed, 0, serverName(['a\0.test']))), 'malformed');
  assert.equal(readClientHello(withExtension(unnamed, 0xfe0d, Buffer.alloc(8))), { encrypted: true });
  assert.is(readClientHello(Buffer.from('GET / HTTP/1.1\r\n')), 'malformed');
  assert.is(readClientHello(Buffer.from([0x16, 3, 1, 0xff, 0xff])), 'malformed');
});

test('an encrypted hello, which may name another host than the visible one, is not spliced', async () => {
  const hello = withExtension(await helloFor('pass.test'), 0xfe0d, Buffer.alloc(8));
  const { socket } = await openTunnel(bench.parts.port, 'pass.test:443');
  socket.write(hello);
  assert.is(await readUntil(socket, () => false), '');
  assert.is(bench.eventsNamed('sni_mismatch')[0]?.fields['category'], 'encrypted_client_hello');
});

test('a hello that comes byte by byte is waited for, one that never comes is not', async () => {
  const hello = await helloFor('pass.test');
  const { socket } = await openTunnel(bench.parts.port, 'pass.test:443');
  for (const byte of hello) socket.write(Buffer.from([byte]));
  const answer = await readUntil(socket, (seen) => seen.length > 5);
  assert.is(answer.charCodeAt(0), 0x16);
  socket.destroy();
});

test('a client that goes away during its request leaves the proxy working', async () => {
  for (let index = 0; index < 20; index += 1) {
    const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
    const secure = await startTls(socket, { ca: bench.parts.proxyCa.pem, servername: 'api.test' });
    secure.on('error', () => {});
    secure.write('POST / HTTP/1.1\r\nHost: api.test\r\nContent-Length: 100000\r\n\r\nabc');
    if (index % 2 === 0) socket.resetAndDestroy();
    else secure.destroy();
  }
  assert.is((await inside('GET / HTTP/1.1\r\nHost: api.test\r\n\r\n')).status, 200);
});

test('a reload closes the tunnels that it forbids, and no other', async () => {
  const narrowing = new Bench();
  await narrowing.start((config) => {
    config['api_allowlist'] = ['api.test', 'pass.test', 'other.test'];
  });
  const { port, proxyCa, scanner } = narrowing.parts;
  const kept = await startTls((await openTunnel(port, 'api.test:443')).socket, {
    ca: proxyCa.pem,
    servername: 'api.test',
  });
  const forbidden = (await openTunnel(port, 'other.test:443')).socket;
  const intercepted = (await openTunnel(port, 'pass.test:443')).socket;
  const closed = Promise.all(
    [forbidden, intercepted].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
  );
  forbidden.resume();
  intercepted.resume();
  narrowing.write((config) => {
    config['api_allowlist'] = ['api.test', 'pass.test'];
    config['tls_interception'] = { ...(config['tls_interception'] as object), passthrough_domains: [] };
  });
  scanner.reload();
  await closed;
  assert.is((await askInside(kept, 'GET / HTTP/1.1\r\nHost: api.test\r\n\r\n')).status, 200);
  kept.destroy();
  await narrowing.stop();
});

test.run();
