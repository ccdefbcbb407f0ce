/** egress for real: mitmdump with the addon, from the sidecar image, judged by what arrives upstream of it. */

import * as assert from 'uvu/assert';
import { ATTACKS } from './egress/attacks.ts';
import { egressSuite } from './egress/egress-suite.ts';
import { header, isRefusal, last, sha256 } from './egress/judging.ts';
import { LISTEN } from './egress/rig.ts';
import { ROUTE_COUNT, ROUTES, TOKENS } from './egress/routes.ts';
import { closed, fields, https, receive, request, send, tunnel } from './egress/steps.ts';

const { test, rig, one, arrived, run } = await egressSuite('egress');

function tests(): void {
  test('listens on the one address of its alias', async () => {
    const address = (await rig().inEgress('getent', 'ahostsv4', LISTEN)).split(' ')[0] ?? '';
    const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase());
    const table = `${await rig().inEgress('cat', '/proc/net/tcp')}\n${await rig().inEgress('cat', '/proc/net/tcp6')}`;
    const listening = [...table.matchAll(/ ([0-9A-F]+:[0-9A-F]{4}) [0-9A-F]+:0000 0A /g)].map(([, local]) => local);
    assert.equal(
      listening.filter((local) => local?.endsWith(':238B')),
      [`${bytes.reverse().join('')}:238B`],
    );
  });

  test('answers TLS with the CA it was given, and mints none', async () => {
    assert.is((await one(...https('docs.test', 'GET /ca'))).status, 200);
    const files = (await rig().inEgress('ls', '/home/mitmproxy/.mitmproxy')).split('\n').sort();
    assert.equal(files, ['mitmproxy-ca.pem', 'mitmproxy-dhparam.pem', 'pipelock-ca.pem', 'roots.pem']);
  });

  test('only mitmdump has the proxy variables, and the roots hold the system and pipelock', async () => {
    const roots = await rig().inEgress('cat', '/home/mitmproxy/.mitmproxy/roots.pem');
    const pipelock = await rig().inEgress('cat', '/home/mitmproxy/.mitmproxy/pipelock-ca.pem');
    assert.ok(roots.includes(pipelock));
    assert.ok(roots.split('BEGIN CERTIFICATE').length > 100);
    assert.not.match(await rig().inEgress('env'), /^(http|https|all|no)_proxy=/im);
  });

  test('sets the credential of a route and deletes what the client sent', async () => {
    const own = ['Authorization: Bearer mine', 'X-Api-Key: mine', 'x_api_key: mine', 'Proxy-Authorization: Basic eA=='];
    const answers = await rig().probe(
      https('api.test', 'GET /repos/acme/one', ...own),
      https('key.test', 'GET /two', ...own),
      https('basic.test', 'GET /three'),
      https('docs.test', 'GET /four', ...own),
    );
    assert.equal(
      answers.map((steps) => last(steps).status),
      [200, 200, 200, 200],
    );
    assert.equal(header(await arrived('/one'), 'authorization'), ['Bearer s3cr3t-one']);
    assert.equal(header(await arrived('/one'), 'accept-encoding'), ['identity']);
    assert.equal(header(await arrived('/two'), 'x-api-key'), [TOKENS.EGRESS_TOKEN_1]);
    const basic = Buffer.from('bot:s3cr3t-one').toString('base64');
    assert.equal(header(await arrived('/three'), 'authorization'), [`Basic ${basic}`]);
    for (const mark of ['/one', '/two', '/three', '/four']) {
      assert.not.match(JSON.stringify(await arrived(mark)), 'mine');
      assert.equal(header(await arrived(mark), 'proxy-authorization'), []);
    }
    assert.equal(header(await arrived('/four'), 'authorization'), []);
  });

  test('refuses every attack, and nothing of it arrives, not even a name to resolve', async () => {
    await rig().inEgress('sh', '-c', 'getent hosts control.test || true');
    const names = async () => (await rig().arrivals()).filter(({ event }) => event === 'dns').map(({ name }) => name);
    assert.ok((await names()).includes('control.test'), 'the control query was not recorded');
    const before = (await rig().arrivals()).length;
    const answers = await rig().probe(...ATTACKS.map(({ steps }) => steps));
    const wrong = ATTACKS.flatMap(({ name, refusal }, index) => {
      const answer = last(answers[index]);
      const stream = answer.streams?.at(-1) ?? answer;
      const rule = /"rule": "([^"]+)"/.exec(stream.body ?? '')?.[1];
      const seen = stream.status > 0 ? `${stream.status} ${rule}` : 'closed';
      return seen === refusal ? [] : [`${name}: ${seen} instead of ${refusal} ${JSON.stringify(answer).slice(0, 300)}`];
    });
    assert.equal(wrong, []);
    assert.equal((await rig().arrivals()).slice(before), []);
    assert.is((await one(...https('docs.test', 'GET /after-the-attacks'))).status, 200);
  });

  test('answers a tool that waits for 100 Continue, or has much to send, at once', async () => {
    const answers = await rig().probe(
      https('evil.test', 'POST /x', 'Content-Length: 9000000', 'Expect: 100-continue'),
      https('docs.test', 'POST /x', 'Content-Length: 9000000', 'Expect: 100-continue'),
    );
    isRefusal(last(answers[0]), 'route');
    isRefusal(last(answers[1]), 'body');
  });

  test('passes a body up to the cap, and refuses a longer one without keeping it', async () => {
    const chunk = { repeat: { text: `10000\r\n${'y'.repeat(65_536)}\r\n`, times: 40 } };
    const open = [...tunnel('docs.test'), request('docs.test', 'POST /chunks', 'Transfer-Encoding: chunked')];
    const passed = await one(...open, chunk, send('0\r\n\r\n'), receive);
    assert.is(passed.status, 200);
    assert.is((await arrived('/chunks'))?.body, 40 * 65_536);
    const before = await rig().memoryKiB('VmHWM');
    const flood = { repeat: { ...chunk.repeat, times: 1600 } };
    const [over, unlisted] = await rig().probe(
      [...tunnel('docs.test'), request('docs.test', 'POST /flood', 'Transfer-Encoding: chunked'), flood, receive],
      [...tunnel('evil.test'), request('evil.test', 'POST /flood', 'Transfer-Encoding: chunked'), flood, receive],
    );
    isRefusal(last(over), 'body');
    isRefusal(last(unlisted), 'route');
    assert.is(await arrived('/flood'), undefined);
    assert.ok((await rig().memoryKiB('VmHWM')) - before < 40_000, 'memory grew with what was refused');
  });

  test('speaks HTTP/2 with the client and judges each stream', async () => {
    const { streams = [] } = await one(...tunnel('api.test', 'api.test', ['h2']), {
      h2: [
        fields('api.test', '/repos/acme/h2', ['authorization', 'Bearer mine']),
        fields('api.test', '/orgs/acme/h2'),
        fields('evil.test', '/repos/acme/h2-foreign'),
      ],
    });
    assert.equal(
      streams.map(({ status }) => status),
      [200, 403, 403],
    );
    assert.equal(header(await arrived('/repos/acme/h2'), 'authorization'), ['Bearer s3cr3t-one']);
    assert.equal(header(await arrived('/repos/acme/h2'), 'host'), ['api.test']);
    assert.is(await arrived('/orgs/acme/h2'), undefined);
    assert.is(await arrived('h2-foreign'), undefined);
  });

  test('passes a declared WebSocket both ways', async () => {
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: eA==',
    ];
    const answer = await one(
      ...tunnel('ws.test'),
      request('ws.test', 'GET /ws', ...upgrade),
      receive,
      send('\x81\x82\x00\x00\x00\x00ho'),
      { pause: 0.5 },
    );
    assert.is(answer.error, undefined);
    const arrivals = await rig().arrivals();
    assert.ok(arrivals.some(({ event, data }) => event === 'websocket' && data?.startsWith('8182')));
    const endless = `\x00\xff\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00${'w'.repeat(65_536)}`;
    const begin = send('\x01\x80\x00\x00\x00\x00');
    const flood = { repeat: { text: endless, times: 700 } };
    await one(...tunnel('ws.test'), request('ws.test', 'GET /ws', ...upgrade), receive, begin, flood, closed);
    const cut = (await rig().log()).find(({ event, host }) => event === 'failed' && host === 'ws.test');
    assert.is(cut?.['rule'], 'body', 'a message without end was kept');
  });

  test('passes plain HTTP to a route that lists its port', async () => {
    const answer = await one(send('GET http://docs.test/plain HTTP/1.1\r\nHost: docs.test\r\n\r\n'), receive);
    assert.is(answer.status, 200);
    assert.is((await arrived('/plain'))?.tls, false);
  });

  test('drops trailers in both directions', async () => {
    const body = 'Transfer-Encoding: chunked';
    const answers = await rig().probe(
      [
        ...tunnel('docs.test'),
        request('docs.test', 'POST /sent-trailer', body),
        send('1\r\na\r\n0\r\nAuthorization: mine\r\n\r\n'),
        receive,
      ],
      https('docs.test', 'GET /trailer'),
    );
    assert.equal(
      answers.map((steps) => last(steps).status),
      [200, 200],
    );
    assert.not.match(JSON.stringify(await arrived('/sent-trailer')), 'mine');
  });

  test('says in one line what pipelock refused and what failed behind it', async () => {
    const answers = await rig().probe(
      https('blocked.test', 'GET /'),
      https('dead.test', 'GET /'),
      https('docs.test', 'GET /broken'),
      https('docs.test', 'GET /switch'),
      https('late.test', 'GET /'),
    );
    isRefusal(last(answers[0]), 'pipelock');
    assert.match(last(answers[0]).body, '"tool": "pipelock-block"');
    isRefusal(last(answers[1]), 'upstream', 502);
    isRefusal(last(answers[2]), 'upstream', 502);
    isRefusal(last(answers[3]), 'upgrade', 502);
    isRefusal(last(answers[4]), 'upstream', 502);
    const plain = await one(send('GET http://blocked.test/ HTTP/1.1\r\nHost: blocked.test\r\n\r\n'), receive);
    assert.match(plain.body, /^blocked: /, 'pipelock speaks for itself');
  });

  test('tells its health and its allowlist, without values', async () => {
    const local = (path: string) =>
      one(send(`GET http://_egress.local${path} HTTP/1.1\r\nHost: _egress.local\r\n\r\n`), receive);
    const health = JSON.parse((await local('/health')).body);
    assert.equal(health, { status: 'ok', digest: sha256(ROUTES), routes: ROUTE_COUNT, refusals: 0 });
    const { routes, digest } = JSON.parse((await local('/allowlist')).body);
    assert.is(digest, sha256(ROUTES));
    assert.equal(routes[0].auth, { scheme: 'Bearer', slot: 0 });
    assert.not.match(JSON.stringify(routes), 's3cr3t');
  });

  test('a new routes file applies to open connections, and a bad one changes nothing', async () => {
    const narrow = ROUTES.replace('host: docs.test', 'host: other.test');
    const running = one(...https('docs.test', 'GET /stall'), closed);
    for (let tries = 0; (await arrived('/stall')) === undefined && tries < 100; tries += 1);
    const started = Date.now();
    const applied = await rig().reload(narrow);
    assert.equal([applied['outcome'], applied['digest']], ['applied', sha256(narrow)]);
    await running;
    assert.ok(Date.now() - started < 50_000, 'the running download went on');
    isRefusal(await one(...https('docs.test', 'GET /narrowed')), 'route');

    const bad = `${narrow}  - host: '*.test'\n    ports: [443]\n`;
    const rejected = await rig().reload(bad);
    assert.equal([rejected['outcome'], rejected['digest']], ['rejected', sha256(bad)]);
    assert.match(String(rejected['error']), `routes[${ROUTE_COUNT}].host`);
    assert.is((await rig().reload('{'))['outcome'], 'rejected');
    assert.is((await rig().reload(narrow.replace(LISTEN, 'elsewhere')))['outcome'], 'rejected');
    isRefusal(await one(...https('docs.test', 'GET /still-narrowed')), 'route');
    assert.is((await rig().reload(ROUTES))['outcome'], 'applied');
    assert.is((await one(...https('docs.test', 'GET /wide-again'))).status, 200);
  });

  test('logs each verdict with its rule and policy, and never a credential', async () => {
    const lines = await rig().log();
    const refused = lines.find(({ verdict, host }) => verdict === 'refused' && host === 'evil.test');
    assert.is(refused?.['rule'], 'route');
    assert.is(refused?.['policy'], sha256(ROUTES));
    assert.ok(lines.some(({ verdict, path }) => verdict === 'allowed' && path === '/repos/acme/one'));
    const text = JSON.stringify(lines);
    for (const secret of [...Object.values(TOKENS), 'mine', Buffer.from('bot:s3cr3t-one').toString('base64')]) {
      assert.ok(secret === '' || !text.includes(secret), 'a credential is in the log');
    }
    assert.equal(
      lines.filter(({ event, level }) => event === 'error' || level === 'error').map((line) => JSON.stringify(line)),
      [],
    );
  });
}

run('the proxy contains what the agent tries', tests);
