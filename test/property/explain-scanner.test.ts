/** Explain against the built-in scanner itself, where it is the agent's own proxy: what both say of generated requests. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type BottlePolicy, bottlePolicy, explainRequest, type RequestQuestion } from '../../lib/explain/index.ts';
import { type SentRequest, sentRequest } from '../../lib/explain/sent-request.ts';
import { suite } from '../support/suite.ts';
import { Bench } from '../unit/scanner/support/bench.ts';
import { type Answer, askInside, openTunnel, rawExchange, startTls } from '../unit/scanner/support/client.ts';

const test = suite('explain and the built-in scanner', { timeoutMs: 120_000 });
const bench = new Bench();
const COUNT = 400;

const mostly = <T>(weight: number, usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });

const host = mostly(
  2,
  fc.constantFrom(
    'api.test',
    'api.test',
    'API.test',
    'api.test.',
    'a.wild.test',
    'wild.test',
    'pass.test',
    'corp.test',
  ),
  fc.constantFrom(
    'evil.test',
    'api.test.evil.test',
    'x.api.test',
    '10.0.0.9',
    '169.254.169.254',
    '198.51.100.9',
    '2130706433',
    'qm3v8zk1xw7p2nd9rt5b.wild.test',
  ),
);
const path = fc.constantFrom(
  '/',
  '/v1/items',
  '/a/../b',
  '/a/%2e%2e/b',
  '/x%0d%0ay',
  `/${'long/'.repeat(500)}`,
  '/?key=AKIAIOSFODNN7EXAMPLQ',
  '/?password=hunter22',
  '/caf%C3%A9?x=1',
);
const HEADERS: readonly RequestQuestion['headers'][] = [
  [['Authorization', 'Bearer ghp_0123456789abcdefghijABCDEFGHIJ012345']],
  [['X-Note', 'AKIAIOSFODNN7EXAMPLQ']],
  [['Host', 'evil.test']],
  [['Upgrade', 'websocket']],
  [['Content-Encoding', 'gzip']],
  [['Content-Length', '300000']],
];
const headers = mostly<RequestQuestion['headers']>(2, fc.constant([]), fc.constantFrom(...HEADERS));

const questions: fc.Arbitrary<RequestQuestion> = fc
  .record({
    method: mostly(6, fc.constantFrom('GET', 'POST'), fc.constantFrom('get', 'FOO', 'DELETE', 'CONNECT')),
    scheme: mostly(3, fc.constant('https'), fc.constant('http')),
    host,
    port: mostly(5, fc.constant(''), fc.constantFrom(':8443', ':80', ':443')),
    path,
    headers,
  })
  .map(({ method, headers: own, ...url }) => ({
    method,
    url: `${url.scheme}://${url.host}${url.port}${url.path}`,
    headers: own,
  }));

const textOf = ({ method, target, headers: fields, connect, authority }: SentRequest): string => {
  const place = connect === null ? `http://${authority}${target}` : target;
  return [`${method} ${place} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
};

/** The answer of the real scanner; undefined where it passes the connection on unread. */
async function asked(request: SentRequest, policy: BottlePolicy): Promise<Answer | undefined> {
  const { port, proxyCa } = bench.parts;
  if (request.connect === null) return rawExchange(port, textOf(request));
  const { answer, socket } = await openTunnel(port, request.hostAndPort);
  const isUnread = policy.pipelock.passthrough.has(request.url.host.toLowerCase());
  if (answer.status !== 200 || request.method === 'CONNECT' || isUnread) {
    socket.destroy();
    return answer.status === 200 ? undefined : answer;
  }
  const name = request.sni === null ? {} : { servername: request.sni };
  const secure = await startTls(socket, { ca: proxyCa.pem, checkServerIdentity: () => undefined, ...name });
  const inside = await askInside(secure, textOf(request));
  secure.destroy();
  return inside;
}

/** 502: it went on, and the origin of this test is none of that name. */
const told = (answer: Answer | undefined): string =>
  answer === undefined || answer.status === 200 || answer.status === 502
    ? 'allowed'
    : `${answer.status} ${answer.body}`;

async function explained(policy: BottlePolicy, question: RequestQuestion): Promise<string> {
  const { verdict, agentSees } = await explainRequest(policy, question, Date.now());
  return verdict === 'refused' ? `${agentSees?.status} ${agentSees?.body}` : 'allowed';
}

const policyOf = (change: (text: string) => string = (text) => text): BottlePolicy =>
  bottlePolicy({
    slug: 'demo',
    source: 'definition',
    pipelock: change(readFileSync(bench.configFile, 'utf8')),
    hasSupervise: false,
    tokens: [],
    declared: { routes: {}, remotes: {} },
    grants: {},
  });

let answers: readonly { readonly question: RequestQuestion; readonly said: string }[] = [];

const disagreements = async (policy: BottlePolicy): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const { question, said } of answers) {
    const ours = await explained(policy, question);
    if (ours !== said) found.push(JSON.stringify({ question, ours, said }));
  }
  return found;
};

test.before(() =>
  bench.start((config) => {
    // A name, not the loopback: the agent dials it itself.
    config['fetch_proxy'] = {
      listen: 'claude-bottle-pipelock-demo:8888',
      monitoring: { max_requests_per_minute: 1e6 },
    };
    config['api_allowlist'] = [
      'api.test',
      'pass.test',
      'corp.test',
      '*.wild.test',
      '10.0.0.9',
      '169.254.169.254',
      '198.51.100.9',
    ];
    config['request_body_scanning'] = {
      ...(config['request_body_scanning'] as object),
      ignore_headers: ['connection'],
    };
  }),
);
test.after(() => bench.stop());

test(`${COUNT} requests get the status and the line that explain tells`, async () => {
  const policy = policyOf();
  const all: { question: RequestQuestion; said: string }[] = [];
  for (const question of fc.sample(questions, { numRuns: COUNT, seed: 31 })) {
    all.push({ question, said: told(await asked(sentRequest(question), policy)) });
  }
  answers = all;
  const found = await disagreements(policy);
  assert.is(found.length, 0, found.slice(0, 5).join('\n'));
});

test('they met the checks that are decided offline', () => {
  const said = answers.map((one) => one.said).join('\n');
  const lines = [
    'allowed',
    'not in allowlist',
    'SSRF blocked',
    'port 8443',
    'path traversal',
    'DLP match',
    'header contains secret',
    'URL length',
    'authority mismatch',
    'upgrade not allowed',
    'Content-Encoding',
    'exceeds max_body_bytes',
    '400 Bad Request',
    'high entropy',
  ];
  for (const line of lines) assert.ok(said.includes(line), line);
});

test('an explain that takes another allowlist, or no passthrough, is found out', async () => {
  assert.ok((await disagreements(policyOf((text) => text.replace('- api.test', '- evil.test')))).length > 0);
  assert.ok((await disagreements(policyOf((text) => text.replaceAll('- pass.test', '- other.test')))).length > 0);
});

test.run();
