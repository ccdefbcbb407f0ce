/** The credential does not come back, wherever and however an origin repeats it: on a real mitmdump. */

import * as assert from 'uvu/assert';
import { egressSuite } from './egress-suite.ts';
import { header, isRefusal, last } from './judging.ts';
import { ROUTES, TOKENS } from './routes.ts';
import { fields, https, more, receive, request, rest, type Step, send, tunnel } from './steps.ts';

const { test, rig, one, arrived, run } = await egressSuite('what comes back through egress');

const TOKEN = TOKENS.EGRESS_TOKEN_0;
const BASIC = Buffer.from(`bot:${TOKEN}`).toString('base64');

/** Every spelling of a credential that must not be in what the agent reads. */
const SECRETS = [TOKEN, BASIC, TOKENS.EGRESS_TOKEN_1].flatMap((secret) => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  // The parts of its base64 that do not depend on what is around it, at each alignment.
  ...[0, 1, 2].map((before) =>
    Buffer.from('x'.repeat(before) + secret)
      .toString('base64')
      .slice(before === 0 ? 0 : before + 1, -4),
  ),
]);

function holdsNone(what: unknown): void {
  const text = typeof what === 'string' ? what : JSON.stringify(what);
  for (const secret of SECRETS) assert.not.ok(text.includes(secret), `${secret} came back: ${text.slice(0, 2000)}`);
}

const WEB_SOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: eA==',
];

function tests(): void {
  test('an echo of what the agent itself sent passes, so that these origins do echo', async () => {
    const answer = await one(...https('docs.test', 'GET /echo/body', `X-Own: ${TOKEN}`));
    assert.match(answer.body, `"X-Own": "${TOKEN}"`);
    const packed = await one(...https('docs.test', 'GET /echo/packed'));
    assert.is(packed.status, 200);
    const part = await one(...https('docs.test', 'GET /echo/part', 'Range: bytes=0-9'));
    assert.is(part.status, 206);
    assert.match(part.head, 'X-Range: bytes=0-9');
  });

  test('not in a header, a name of one, a cookie, a redirect or the reason', async () => {
    const answers = await rig().probe(
      https('basic.test', 'GET /echo/head/basic'),
      https('key.test', 'GET /echo/head/key'),
      https('api.test', 'GET /repos/acme/x'),
    );
    for (const steps of answers) {
      assert.is(last(steps).status, 200);
      holdsNone(last(steps));
    }
    assert.match(last(answers[0]).head, /Set-Cookie: a=\*{20}; Path=\//);
    assert.equal(header(await arrived('/echo/head/basic'), 'authorization'), [`Basic ${BASIC}`]);
  });

  test('not in a body: in one piece, in pieces of any size, framed in any way', async () => {
    const kinds = ['body', ...[1, 2, 3, 5, 8, 13, 21, 40].map((size) => `pieces/${size}`)];
    const probes = kinds.flatMap((kind) => [
      https('basic.test', `GET /echo/${kind}`),
      https('key.test', `GET /echo/${kind}`),
    ]);
    const answers = await rig().probe(...probes);
    for (const [index, steps] of answers.entries()) {
      const { status, body } = last(steps);
      assert.is(status, 200, kinds[index >> 1]);
      holdsNone(body);
      assert.match(body, /"(Authorization|X-Api-Key)": "(Basic )?\*{13,}"/, kinds[index >> 1]);
      // Nothing but the credential is missing.
      assert.ok(body.endsWith('"}'), body);
    }
    const whole = await one(...tunnel('basic.test'), request('basic.test', 'GET /echo/until-close'), rest);
    assert.match(whole.body, /"Authorization": "Basic \*{20}".*"\}$/s);
    holdsNone(whole);
  });

  test('not in base64, at any alignment', async () => {
    const probes = [0, 1, 2].flatMap((before) =>
      ['basic.test', 'key.test'].map((host) => https(host, `GET /echo/base64/${before}`)),
    );
    for (const steps of await rig().probe(...probes)) {
      const { status, body, size } = last(steps);
      assert.is(status, 200);
      assert.match(body, /\*{12,}/);
      assert.is(body.length, size, 'the length that was announced is the one that came');
      holdsNone(body);
    }
  });

  test('not in an answer that is packed, in parts or in another character set: it is refused', async () => {
    const greedy = ['Accept-Encoding: gzip', 'accept_encoding: br', 'TE: gzip', 'Range: bytes=0-9', 'If-Range: "x"'];
    const refused = {
      packed: 'encoding',
      'packed-transfer': 'encoding',
      part: 'partial',
      'charset/utf-16': 'encoding',
    };
    const kinds = Object.entries({ ...refused, 'charset/x-unheard-of': 'encoding' });
    const overH2 = (kind: string): Step[] => [
      ...tunnel('basic.test', 'basic.test', ['h2']),
      { h2: [fields('basic.test', `/echo/${kind}`)] },
    ];
    const answers = await rig().probe(
      ...kinds.flatMap(([kind]) => [https('basic.test', `GET /echo/${kind}?refused`, ...greedy), overH2(kind)]),
    );
    for (const [index, steps] of answers.entries()) {
      const answer = last(steps);
      isRefusal(answer.streams?.[0] ?? answer, kinds[index >> 1]?.[1] ?? '');
      holdsNone(steps);
    }
    for (const [kind] of kinds) {
      const sent = await arrived(`/echo/${kind}?refused`);
      assert.equal(header(sent, 'accept-encoding'), ['identity']);
      for (const name of ['accept_encoding', 'te', 'range', 'if-range']) assert.equal(header(sent, name), []);
    }
    assert.is((await one(...https('basic.test', 'GET /echo/charset/utf-8'))).status, 200);
    const log = await rig().log();
    assert.ok(log.some(({ verdict, rule, policy }) => verdict === 'refused' && rule === 'encoding' && policy));
  });

  test('not in an informational answer, which is dropped, nor in one that pretends to be', async () => {
    const answer = await one(...https('basic.test', 'GET /echo/early'));
    assert.is(answer.status, 200, answer.head);
    assert.not.match(answer.head, 'Hints');
    holdsNone(answer);
    isRefusal(await one(...https('basic.test', 'GET /echo/odd-early')), 'upstream', 502);
    const plain = await one(...tunnel('docs.test'), request('docs.test', 'GET /echo/early'), receive);
    assert.is(plain.status, 200);
    assert.match(plain.body, 'Host');
  });

  test('not over HTTP/2 on both sides, in fields, pieces of the body or trailers', async () => {
    const answer = await one(...tunnel('two.test', 'two.test', ['h2']), { h2: [fields('two.test', '/echo')] });
    const [stream] = answer.streams ?? [];
    assert.is(stream?.status, 200);
    assert.match(stream?.head ?? '', /x-echo.*Bearer \*{10}.*x-late.*Bearer \*{10}/);
    assert.match(stream?.body ?? '', /"authorization": "Bearer \*{10}"/);
    holdsNone(stream);
  });

  test('not over a WebSocket, in messages, fragments, pings or the reason of a close', async () => {
    const answer = await one(...tunnel('socket.test'), request('socket.test', 'GET /ws', ...WEB_SOCKET), rest);
    assert.match(answer.body, /^HTTP\/1.1 101 /);
    assert.match(answer.body, /X-Echo: Bearer \*{10}/);
    holdsNone(answer.body);
    // A message, one in two frames, a ping, "hi" and the close.
    assert.ok((answer.body.match(/\*/g) ?? []).length >= 5 * 10, JSON.stringify(answer.body));
    assert.match(answer.body, 'hi');
  });

  test('not as the length of a HEAD, and an event arrives when it is sent', async () => {
    const head = await one(...https('basic.test', 'HEAD /x'));
    holdsNone(head);
    const steps = [...tunnel('basic.test'), request('basic.test', 'GET /echo/events'), more];
    const begun = await one(...steps);
    const event = begun.body.includes('data:') ? begun : await one(...steps, more);
    assert.match(event.body, 'data: {"n": 1}\n\n');
  });

  test('an answer whose head does not end is cut', async () => {
    isRefusal(await one(...https('basic.test', 'GET /echo/endless-head')), 'upstream', 502);
    isRefusal(await one(...https('docs.test', 'GET /echo/endless-head')), 'upstream', 502);
  });

  test('a credential too short to be found is not sent', async () => {
    const answer = await one(...https('empty.test', 'GET /echo/body'));
    isRefusal(answer, 'token');
    assert.match(answer.body, 'too short');
  });

  test('a grant that counts uses ends with the last of them', async () => {
    const get = [request('few.test', 'GET /used'), receive];
    const answers = (await rig().probe([...tunnel('few.test'), ...get, ...get, ...get]))[0] ?? [];
    assert.equal(
      answers.filter(({ status }) => status > 0).map(({ status }) => status),
      [200, 200, 200, 403],
      JSON.stringify(answers),
    );
    isRefusal(last(answers), 'route');
    await rig().reload(ROUTES);
    isRefusal(await one(...https('few.test', 'GET /used')), 'route');
    await rig().reload(ROUTES.replace('id: g1', 'id: g2'));
    assert.is((await one(...https('few.test', 'GET /used'))).status, 200);
  });

  test('nothing of all this put a credential into the log, or made egress fail', async () => {
    const lines = await rig().log();
    holdsNone(lines);
    assert.equal(
      lines.filter(({ event, level }) => event === 'error' || level === 'error').map((line) => JSON.stringify(line)),
      [],
    );
    await rig().reload('{');
    const health = await one(send('GET http://_egress.local/health HTTP/1.1\r\nHost: _egress.local\r\n\r\n'), receive);
    assert.is(JSON.parse(health.body).refusals, 1);
  });
}

run('the credential does not come back', tests);
