/** Requests as agents and attackers write them, and a bottle whose routes they are near. */

import fc from 'fast-check';
import { type BottlePolicy, bottlePolicy, type RequestQuestion } from '../../lib/explain/index.ts';
import type { BottlePlan, RoutePlan } from '../../lib/plan/index.ts';
import { renderBottle } from '../../lib/render/index.ts';
import { planWith } from './plans.ts';

const route = (host: string, more: Partial<RoutePlan> = {}): RoutePlan => ({
  host,
  ports: [443],
  tlsPassthrough: false,
  privateUpstream: false,
  webSocket: false,
  ...more,
});

const ROUTES: readonly RoutePlan[] = [
  route('api.test', {
    methods: ['GET', 'POST'],
    pathPrefixes: ['/repos/acme/', '/user', '/files/caf%C3%A9'],
    auth: { scheme: 'Bearer', from: 'GH_TOKEN', slot: 0 },
  }),
  route('docs.test', { ports: [443, 80] }),
  route('key.test', { auth: { scheme: 'header', from: 'API_KEY', slot: 1, header: 'X-Api-Key' } }),
  route('ws.test', { ports: [443, 80], webSocket: true }),
  route('alt.test', { ports: [8443] }),
  route('plain.test', { ports: [80, 443], auth: { scheme: 'Basic', from: 'GH_TOKEN', slot: 0, user: 'bot' } }),
  route('xn--bcher-kva.test', { methods: ['GET'] }),
  route('203.0.113.7'),
];

/** A bottle with these routes. */
export const routedPlan = (): BottlePlan =>
  planWith(['egress'], {
    egress: { path: 'demo/Sidecars/Egress', routes: ROUTES, tokens: ['GH_TOKEN', 'API_KEY'] },
  });

/** The policy of `plan`, from the documents that it is rendered to. */
export function policyOfPlan(plan: BottlePlan): BottlePolicy {
  const files = renderBottle(plan);
  const [routes, gitGate] = [files['egress/routes.yaml'], files['git-gate/git-gate.json']];
  return bottlePolicy({
    slug: plan.slug,
    source: 'definition',
    ...(routes === undefined ? {} : { routes }),
    pipelock: files['pipelock/pipelock.yaml'] ?? '',
    ...(gitGate === undefined ? {} : { gitGate }),
    hasSupervise: plan.sidecars.daemons.includes('supervise'),
    tokens: (plan.sidecars.egress?.tokens ?? []).map((from, slot) => ({ slot: `EGRESS_TOKEN_${slot}`, from })),
    declared: { routes: {}, remotes: {} },
    grants: {},
  });
}

const mostly = <T>(weight: number, usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });

const anyCase = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''));

const HOSTS = ROUTES.map(({ host }) => host);
const STRANGERS = [
  'evil.test',
  'docs.test.evil.test',
  'evildocs.test',
  'x.docs.test',
  'docs.test.',
  'docs..test',
  '-docs.test',
  'docs_x.test',
  'd\u00f6cs.test',
  'b\u00fccher.test',
  `${'a'.repeat(64)}.test`,
  `${'a'.repeat(63)}.test`,
  '0x7f.1',
  '2130706433',
  '169.254.169.254',
  '10.0.0.1',
  '[fd00::1]',
  '[::ffff:127.0.0.1]',
  '_egress.local',
  '_EGRESS.local',
];

const host = mostly(
  4,
  mostly(5, fc.constantFrom(...HOSTS), fc.constantFrom(...HOSTS).chain(anyCase)),
  fc.constantFrom(...STRANGERS),
);
const method = mostly(
  6,
  fc.constantFrom('GET', 'GET', 'POST'),
  fc.constantFrom(
    'DELETE',
    'PUT',
    'OPTIONS',
    'TRACE',
    'TRACK',
    'get',
    'M-SEARCH',
    'FOO',
    'G1T',
    'A_B',
    'CONNECT',
    'X'.repeat(33),
  ),
);
const scheme = fc.oneof(
  { weight: 7, arbitrary: fc.constant('https') },
  { weight: 2, arbitrary: fc.constant('http') },
  { weight: 1, arbitrary: fc.constantFrom('wss', 'ws', 'HTTPS') },
);
const port = mostly(5, fc.constant(''), fc.constantFrom(':443', ':80', ':8443', ':22', ':', ':0443'));
const PATHS = [
  '/repos/acme/x',
  '/repos/acme/',
  '/repos/acme',
  '/user',
  '/user/x',
  '/users',
  '/',
  '',
  '/files/caf%C3%A9',
  '/files/caf%c3%a9/x',
  '/health',
  '/allowlist',
];
const PIECES = [
  '/',
  '/',
  'repos',
  'acme',
  'user',
  'info',
  'refs',
  'git-receive-pack',
  '.',
  '..',
  '%2e',
  '%2E%2e',
  '%2f',
  '%5c',
  '\\',
  ';',
  '%25',
  '%252e',
  '%00',
  '%c2%ad',
  '%E2%80%8B',
  '%ef%bc%8f',
  '%zz',
  '%ff',
  '//',
  '\u00e9',
  '|',
  '~',
];
const path = mostly(
  2,
  fc.constantFrom(...PATHS),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }).map((all) => `/${all.join('')}`),
);
const query = mostly(
  4,
  fc.constantFrom('', '?page=2'),
  fc.constantFrom(
    '?_method=DELETE',
    '?%5Fmethod=GET',
    '?a=1;_method=put',
    '?service=git-receive-pack',
    '?x=\u00e9',
    '?a?b',
    '?',
    '?verb-override',
    '?_method=%67et',
    '#top',
    '?x=%00',
  ),
);
const HEADERS: readonly (readonly [string, string])[] = [
  ['Authorization', 'Bearer agents-own'],
  ['x_api_key', 'agents-own'],
  ['Accept', 'application/x-git-receive-pack-result'],
  ['X-Forwarded-Host', 'docs.test'],
  ['X-Forwarded-For', '10.0.0.1'],
  ['Forwarded', 'for=10.0.0.1;host="api.test"'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X_Http_Method', ' get '],
  ['X-Method-Override', 'TRACE'],
  ['X-Original-URL', '/admin'],
  ['Destination', '/elsewhere'],
  ['Host', 'evil.test'],
  ['Host', 'DOCS.test'],
  ['Upgrade', 'websocket'],
  ['Upgrade', 'h2c'],
  ['HTTP2-Settings', 'AAMAAABkAAQ'],
  ['Range', 'bytes=0-1'],
  ['Content-Length', '0'],
  ['Content-Length', '9000000'],
  ['Content-Length', '-1'],
  ['Transfer-Encoding', 'gzip, chunked'],
  ['Transfer-Encoding', 'gzip'],
  ['X-Any', 'caf\u00e9'],
];
const headers = mostly<RequestQuestion['headers']>(
  4,
  fc.constant([]),
  fc.array(fc.constantFrom(...HEADERS), { minLength: 1, maxLength: 3 }),
);
const userInfo = mostly(15, fc.constant(''), fc.constantFrom('me@', 'me:secret@', 'docs.test@'));

/** Questions whose URLs a client could be given. */
export const questions: fc.Arbitrary<RequestQuestion> = fc
  .record({ method, scheme, userInfo, host, port, path, query, headers })
  .map(({ method: verb, headers: own, ...url }) => ({
    method: verb,
    url: `${url.scheme}://${url.userInfo}${url.host}${url.port}${url.path}${url.query}`,
    headers: own,
  }));
