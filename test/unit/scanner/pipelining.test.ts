import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { Bench } from './support/bench.ts';
import { askInside, dial, openTunnel, readUntil, startTls } from './support/client.ts';

const test = suite('one request at a time');
const bench = new Bench();

test.before(() => bench.start());
test.after(() => bench.stop());
test.beforeEach(() => {
  bench.reset();
  bench.parts.plain.respond = (_request, response) => response.end('hello');
});

/** Where requests come in: the port itself, and the inside of an intercepted tunnel. */
const PLACES = {
  'on the port': {
    open: (): Promise<Socket> => dial(bench.parts.port),
    line: (method: string, path: string) => `${method} http://api.test${path} HTTP/1.1\r\nHost: api.test\r\n`,
    origin: () => bench.parts.plain,
  },
  'in a tunnel': {
    open: async (): Promise<Socket> => {
      const { socket } = await openTunnel(bench.parts.port, 'api.test:443');
      return startTls(socket, { ca: bench.parts.proxyCa.pem, servername: 'api.test' });
    },
    line: (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: api.test\r\n`,
    origin: () => bench.parts.origin,
  },
};

const BODIES = {
  'no body': ['GET', '\r\n'],
  'an empty body': ['POST', 'Content-Length: 0\r\n\r\n'],
  'a counted body': ['POST', 'Content-Length: 5\r\n\r\nhello'],
  'a chunked body': ['POST', 'Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'],
  'a chunked body with trailers': ['POST', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n'],
} as const;

/** What comes too early: a whole request, the beginning of one, a single byte, a line end. */
const EXTRAS = (line: (method: string, path: string) => string) => ({
  'a request': `${line('GET', '/smuggled')}\r\n`,
  'many requests': `${line('GET', '/smuggled')}\r\n`.repeat(50),
  'half a request': 'GET /smuggled HTTP/1.1\r\nX-',
  'a byte': 'G',
  'a line end': '\r\n',
  'a CONNECT': 'CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n',
  'an upgrade': `${line('GET', '/smuggled')}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
});

for (const [place, { open, line, origin }] of Object.entries(PLACES)) {
  for (const [extraName, extra] of Object.entries(EXTRAS(line))) {
    for (const pause of [0, 30]) {
      test(`${extraName} ${pause === 0 ? 'in the same packet' : 'while the first is pending'}, ${place}: 400 and close`, async () => {
        for (const [bodyName, [method, rest]] of Object.entries(BODIES)) {
          bench.reset();
          origin().respond = (_request, response) => void setTimeout(() => response.end('late'), 500);
          const socket = await open();
          socket.on('error', () => {});
          const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
          const first = `${line(method, '/first')}${rest}`;
          if (pause === 0) socket.write(first + extra);
          else {
            socket.write(first);
            await delay(pause);
            socket.write(extra);
          }
          const text = await readUntil(socket, () => false);
          socket.resume();
          await closed;
          assert.match(text, /^HTTP\/1\.1 400 /, bodyName);
          assert.is(bench.eventsNamed('blocked').length, 1, bodyName);
          assert.is((text.match(/HTTP\/1\.1 /g) ?? []).length, 1, `${bodyName}: ${text}`);
          await delay(20);
          assert.not.ok(
            origin().arrivals.some(({ url }) => url !== '/first'),
            bodyName,
          );
          assert.ok(origin().arrivals.length <= 1, bodyName);
        }
      });
    }
  }

  test(`requests one after the other pass ${place}, however they are cut into packets`, async () => {
    const socket = await open();
    for (const [bodyName, [method, rest]] of Object.entries(BODIES)) {
      const bytes = Buffer.from(`${line(method, `/${method}`)}${rest}`, 'latin1');
      for (const size of [bytes.length, 1, 7]) {
        origin().arrivals.length = 0;
        let answer = '';
        const done = readUntil(socket, (seen) => seen.endsWith('hello'));
        for (let at = 0; at < bytes.length; at += size) {
          socket.write(bytes.subarray(at, at + size));
          if (size > 1) await delay(1);
        }
        answer = await done;
        assert.match(answer, /^HTTP\/1\.1 200 /, `${bodyName} in pieces of ${size}`);
        assert.is(origin().arrivals[0]?.body, /hello|hel/.test(rest) ? 'hello' : '', bodyName);
      }
    }
    socket.destroy();
  });
}

test('a pending upload that is refused early ends its connection, and what follows goes nowhere', async () => {
  const socket = await PLACES['in a tunnel'].open();
  socket.on('error', () => {});
  const { line } = PLACES['in a tunnel'];
  socket.write(`${line('POST', '/x')}Content-Length: 900000\r\n\r\nabc`);
  await delay(50);
  socket.write(`${'d'.repeat(899_997)}${line('GET', '/smuggled')}\r\n`);
  const text = await readUntil(socket, () => false);
  assert.match(text, /^HTTP\/1\.1 403 /);
  assert.is(bench.parts.origin.arrivals.length, 0);
});

test('a head that Node answers by itself gets one answer, and its connection ends', async () => {
  for (const fields of ['', 'Host: api.test\r\nExpect: tea\r\n']) {
    const socket = await dial(bench.parts.port);
    socket.write(`GET http://api.test/ HTTP/1.1\r\n${fields}\r\n`);
    const text = await readUntil(socket, () => false);
    assert.match(text, /^HTTP\/1\.1 4\d\d /);
    assert.is((text.match(/HTTP\/1\.1 /g) ?? []).length, 1, text);
  }
});

test('a client that is quick on the heels of every answer is not taken for one that pipelines', async () => {
  const sizes = [0, 1, 100, 16_384, 16_385, 70_000];
  for (const chunked of [false, true]) {
    const socket = await startTls((await openTunnel(bench.parts.port, 'api.test:443')).socket, {
      ca: bench.parts.proxyCa.pem,
      servername: 'api.test',
    });
    for (let index = 0; index < 120; index += 1) {
      const size = sizes[index % sizes.length] ?? 0;
      bench.parts.origin.respond = (_request, response) => {
        if (!chunked) response.setHeader('Content-Length', size);
        for (let sent = 0; sent < size; sent += 9_000) response.write('x'.repeat(Math.min(9_000, size - sent)));
        response.end();
      };
      const answer = await askInside(socket, 'GET /q HTTP/1.1\r\nHost: api.test\r\n\r\n');
      assert.is(answer.status, 200, `${index}, ${size} bytes: ${answer.head}`);
    }
    socket.destroy();
  }
});

test.run();
