/** Whatever frames a request on its way in, one request leaves egress for each that was judged. */

import * as assert from 'uvu/assert';
import { egressSuite } from './egress-suite.ts';
import { header, isRefusal, last } from './judging.ts';
import type { Arrival } from './rig.ts';
import { type Answer, type H2Request, h2Request, receive, request, type Step, send, tunnel } from './steps.ts';

const { test, rig, run } = await egressSuite('the framing of requests by egress');

/** A request that the rules of `api.test` refuse, with a credential of the agent's own. */
const SMUGGLED = [
  'DELETE /admin/smuggled HTTP/1.1',
  'Host: api.test',
  'Authorization: Bearer mine',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

const overH2 = (...requests: readonly H2Request[]): Step[] => [
  ...tunnel('api.test', 'api.test', ['h2']),
  { h2: requests },
];
const api = (method: string, mark: string, ...more: readonly [string, string][]): H2Request =>
  h2Request(method, 'api.test', `/repos/acme/${mark}`, ...more);

/** What one probe made arrive at the origin, and its last answer. */
async function sent(...steps: readonly Step[]): Promise<{ answer: Answer; arrivals: Arrival[] }> {
  const before = (await rig().arrivals()).length;
  const answer = last((await rig().probe(steps))[0]);
  const arrivals = (await rig().arrivals()).slice(before);
  return {
    answer: answer.streams?.at(-1) ?? answer,
    arrivals: arrivals.filter(({ event }) => event === 'origin' || event === 'dropped'),
  };
}

const arrivedOnce = (arrivals: readonly Arrival[], line: string, body: number): void => {
  assert.equal(
    arrivals.map((arrival) => [arrival.event, arrival.line, arrival.body]),
    [['origin', line, body]],
  );
  assert.equal(header(arrivals[0], 'transfer-encoding'), []);
  assert.equal(header(arrivals[0], 'trailer'), []);
};

/** Hands mitmproxy's writer, as egress has replaced it, requests that nobody framed; prints what it would write. */
const WRITER = `
import sys
sys.path.insert(0, "/opt/claude-bottle/egress")
import guards
from mitmproxy import connection, http, options
from mitmproxy.proxy import commands, context, layers
from mitmproxy.proxy.layers import http as core
client = connection.Client(peername=("a", 1), sockname=("b", 2))
for length, body in ((None, b"GET /"), ("3", b"GET /"), ("9", b"GET /"), ("5", b"GET /")):
    writer = guards.GuardedHttp1Client(context.Context(client, options.Options()))
    request = http.Request.make("POST", "http://a/")
    request.headers = http.Headers([] if length is None else [(b"Content-Length", length.encode())])
    sent = [core.RequestHeaders(1, request, False), core.RequestData(1, body), core.RequestEndOfMessage(1)]
    written = [each for event in sent for each in writer.send(event)]
    data = b"".join(each.data for each in written if isinstance(each, commands.SendData))
    print(length, data.count(b"GET /"), any(isinstance(each, commands.CloseConnection) for each in written))
`;

function tests(): void {
  test('what nobody framed is not written, and its connection is closed', async () => {
    const lines = (await rig().inEgress('python3', '-c', WRITER)).split('\n').filter((line) => !line.startsWith('{'));
    assert.equal(lines, ['None 0 True', '3 0 True', '9 1 True', '5 1 False']);
  });

  for (const method of ['POST', 'GET']) {
    test(`a body behind an HTTP/2 ${method} without a length stays a body`, async () => {
      const { answer, arrivals } = await sent(...overH2({ ...api(method, 'x'), body: SMUGGLED }));
      assert.is(answer.status, 200);
      arrivedOnce(arrivals, `${method} /repos/acme/x HTTP/1.1`, SMUGGLED.length);
      assert.equal(header(arrivals[0], 'content-length'), [`${SMUGGLED.length}`]);
    });
  }

  test('an ordinary HTTP/2 POST works with a length and without one', async () => {
    const body = '{"title":"x"}';
    for (const more of [[], [['content-length', `${body.length}`] as [string, string]]]) {
      const { answer, arrivals } = await sent(...overH2({ ...api('POST', 'issues', ...more), body }));
      assert.is(answer.status, 200);
      arrivedOnce(arrivals, 'POST /repos/acme/issues HTTP/1.1', body.length);
      assert.equal(header(arrivals[0], 'content-length'), [`${body.length}`]);
    }
  });

  test('a POST without a body says so, and a GET without one gets no length', async () => {
    const post = await sent(...overH2(api('POST', 'empty')));
    arrivedOnce(post.arrivals, 'POST /repos/acme/empty HTTP/1.1', 0);
    assert.equal(header(post.arrivals[0], 'content-length'), ['0']);
    const get = await sent(...overH2(api('GET', 'empty')));
    arrivedOnce(get.arrivals, 'GET /repos/acme/empty HTTP/1.1', 0);
    assert.equal(header(get.arrivals[0], 'content-length'), []);
  });

  test('trailers and another spelling of a length do not come through HTTP/2', async () => {
    const trailers: [string, string][] = [['content-length', '3']];
    const spelled: [string, string][] = [
      ['content_length', '3'],
      ['transfer_encoding', 'chunked'],
      ['trailer', 'content-length'],
    ];
    const { answer, arrivals } = await sent(...overH2({ ...api('POST', 't', ...spelled), body: SMUGGLED, trailers }));
    assert.is(answer.status, 200);
    arrivedOnce(arrivals, 'POST /repos/acme/t HTTP/1.1', SMUGGLED.length);
    assert.equal(header(arrivals[0], 'content-length'), [`${SMUGGLED.length}`]);
    assert.not.match(JSON.stringify(arrivals), 'content_length');
    assert.not.match(JSON.stringify(arrivals), 'transfer_encoding');
  });

  test('lengths that disagree with each other or with the body arrive nowhere over HTTP/2', async () => {
    for (const lengths of [['0'], ['3'], ['9999'], ['3', `${SMUGGLED.length}`], [`${SMUGGLED.length}`, '0'], ['+0']]) {
      const more = lengths.map((length): [string, string] => ['content-length', length]);
      const { answer, arrivals } = await sent(...overH2({ ...api('POST', 'wrong', ...more), body: SMUGGLED }));
      assert.is.not(answer.status, 200);
      assert.equal(arrivals, [], lengths.join(' and '));
    }
  });

  test('a chunked body arrives with a length, whatever the method', async () => {
    const chunked = `${SMUGGLED.length.toString(16)};x=y\r\n${SMUGGLED}\r\n0\r\nContent-Length: 3\r\n\r\n`;
    for (const method of ['POST', 'GET']) {
      const { answer, arrivals } = await sent(
        ...tunnel('api.test'),
        request('api.test', `${method} /repos/acme/c`, 'Transfer-Encoding: chunked', 'Trailer: Content-Length'),
        send(chunked),
        receive,
      );
      assert.is(answer.status, 200);
      arrivedOnce(arrivals, `${method} /repos/acme/c HTTP/1.1`, SMUGGLED.length);
      assert.equal(header(arrivals[0], 'content-length'), [`${SMUGGLED.length}`]);
    }
  });

  test('a Connection header cannot make the next hop drop the framing or the credential', async () => {
    const { arrivals } = await sent(
      ...tunnel('api.test'),
      request(
        'api.test',
        'POST /repos/acme/h',
        'Content-Length: 2',
        'Connection: Content-Length, Authorization, close',
      ),
      send('ab'),
      receive,
    );
    arrivedOnce(arrivals, 'POST /repos/acme/h HTTP/1.1', 2);
    assert.equal(header(arrivals[0], 'connection'), ['close']);
  });

  test('a transfer coding other than chunked is refused, as nobody behind egress could read it', async () => {
    const { answer, arrivals } = await sent(
      ...tunnel('api.test'),
      request('api.test', 'POST /repos/acme/g', 'Transfer-Encoding: gzip, chunked'),
      send('1\r\na\r\n0\r\n\r\n'),
      receive,
    );
    isRefusal(answer, 'malformed');
    assert.equal(arrivals, []);
  });

  test('requests one after another on a connection arrive one by one', async () => {
    const { arrivals } = await sent(
      ...tunnel('api.test'),
      request('api.test', 'POST /repos/acme/p', `Content-Length: ${SMUGGLED.length}`),
      send(SMUGGLED),
      receive,
      request('api.test', 'GET /repos/acme/q'),
      receive,
    );
    assert.equal(
      arrivals.map(({ line, body }) => [line, body]),
      [
        ['POST /repos/acme/p HTTP/1.1', SMUGGLED.length],
        ['GET /repos/acme/q HTTP/1.1', 0],
      ],
    );
  });
}

run('one request leaves for each that was judged', tests);
