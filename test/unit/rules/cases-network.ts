/** For each rule: definitions that break it, and the nearest ones that do not. Slugs, aliases, daemons, routes. */

import { App, Auth, Bottle, HostEnv, Network, Route } from 'claude-bottle';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { appOf, bearer, planOf, withRoute, withRoutes, withSidecars } from './definition.ts';

export interface RuleCase {
  readonly fires: readonly (App | BottlePlan)[];
  readonly quiet: readonly (App | BottlePlan)[];
}

const bottles = (...ids: string[]): App => {
  const app = new App();
  for (const id of ids) new Bottle(app, id, { agent: {}, sidecars: {} });
  return app;
};

const full = (): BottlePlan => planOf(appOf({}, { egress: { routes: [Route.to('a.example.org')] }, supervise: true }));
const labels = (given: Record<string, string>): App => appOf({}, {}, { labels: given });
const header = (name: string): App => withRoute('a.example.org', { auth: Auth.header(name, HostEnv.of('API_TOKEN')) });
const prefixes = (...pathPrefixes: string[]): App => withRoute('a.example.org', { pathPrefixes });
const allow = (...entries: string[]): App => withSidecars({ pipelock: { allow: entries } });
const subnet = (text: string): App => withSidecars({ egressNetwork: Network.managed({ subnet: text }) });
const external = (name: string): App => withSidecars({ egressNetwork: Network.external(name) });

const withDaemons = (daemons: BottlePlan['sidecars']['daemons']): BottlePlan => {
  const plan = full();
  return { ...plan, sidecars: { ...plan.sidecars, daemons } };
};

const split = (plan: BottlePlan): BottlePlan => ({ ...plan, sidecars: { ...plan.sidecars, shape: 'split' } });

const withTokens = (tokens: readonly string[]): BottlePlan => {
  const plan = planOf(withRoute('a.example.org', { auth: bearer('A') }));
  const { egress } = plan.sidecars;
  if (egress === undefined) throw new Error('no egress');
  return { ...plan, sidecars: { ...plan.sidecars, egress: { ...egress, tokens } } };
};

export const NETWORK_CASES: Readonly<Record<string, RuleCase>> = {
  'bottles::slug-label': {
    fires: [
      ...['Demo', 'de_mo', '-demo', 'demo-', 'de.mo', 'de mo', 'de:mo', 'de]mo', 'de%mo', 'a'.repeat(40)].map((id) =>
        bottles(id),
      ),
      bottles(''),
    ],
    quiet: [bottles('demo'), bottles('a'.repeat(39)), bottles('d1-e2')],
  },
  'bottles::slug-reserved': {
    fires: ['sidecars-x', 'pipelock-x', 'egress-x', 'git-gate-x', 'supervise-x'].map((id) => bottles(id)),
    quiet: [bottles('egress'), bottles('my-egress-x')],
  },
  'bottles::slug-unique': { fires: [bottles('a', 'a')], quiet: [bottles('a', 'b')] },
  'bottles::label-name': {
    fires: [
      labels({ 'claude-bottle.slug': 'x' }),
      labels({ 'com.docker.compose.project': 'x' }),
      labels({ 'a b': 'x' }),
    ],
    quiet: [labels({ 'com.example.team': 'x' })],
  },
  'bottles::label-secret': {
    fires: [labels({ note: `ghp_${'a'.repeat(36)}` })],
    quiet: [labels({ note: 'plain' })],
  },
  'bottles::alias-dns-label': {
    fires: [bottles('a.b'), split({ ...full(), slug: 'a'.repeat(64) })],
    quiet: [bottles('a-b'), split({ ...full(), slug: 'a'.repeat(39) })],
  },
  'bottles::alias-unique': {
    fires: [bottles('x', 'sidecars-x'), bottles('x', 'pipelock-x')],
    quiet: [bottles('x', 'y')],
  },
  'bottles::url-resolves': {
    fires: [
      withDaemons(['pipelock', 'supervise']),
      withDaemons(['egress', 'pipelock']),
      split(withDaemons(['egress', 'pipelock'])),
    ],
    quiet: [full(), split(full()), bottles('Demo'), bottles('de mo')],
  },
  'bottles::daemon-set': {
    fires: [withDaemons(['egress', 'supervise']), withDaemons(['pipelock', 'egress', 'supervise'])],
    quiet: [full(), bottles('a')],
  },
  'bottles::token-slots': { fires: [withTokens(['B']), withTokens(['A', 'A'])], quiet: [withTokens(['A'])] },
  'bottles::pipelock-exposed': {
    fires: [withSidecars({ pipelock: { exposed: true } })],
    quiet: [withSidecars({ pipelock: { exposed: false } })],
  },
  'bottles::network-name': {
    fires: ['host', 'bridge', 'none', 'a b', 'claude-bottle-other_internal', 'container:x'].map(external),
    quiet: [external('corp-net'), external('claude-bottle-demo-internet')],
  },
  'bottles::network-subnet': {
    fires: [
      '10.77.0.0',
      '10.77.0.1/24',
      '10.77.0.0/30',
      '127.0.0.0/24',
      '169.254.0.0/24',
      'fd00::/64',
      '010.0.0.0/8',
    ].map(subnet),
    quiet: [subnet('10.77.0.0/24'), subnet('198.51.100.0/24')],
  },
  'bottles::trusted-cas': {
    fires: [
      withSidecars({ trustedCAs: ['-----BEGIN CERTIFICATE-----'] }),
      withSidecars({ trustedCAs: [''] }),
      withSidecars({ trustedCAs: ['$HOME/ca.pem'] }),
      withSidecars({ trustedCAs: ['certs/ca.pem', 'certs/ca.pem'] }),
    ],
    quiet: [withSidecars({ trustedCAs: ['certs/ca.pem', '/etc/ssl/corp.pem'] })],
  },
  'bottles::route-host': {
    fires: [
      'https://a.example.org',
      'a.example.org/path',
      'a.example.org:443',
      '*.example.org',
      'user@a.example.org',
      'a.example.org.',
      'a..example.org',
      '-a.example.org',
      'a_b.example.org',
      'bücher.example.org',
      'a.example.org ',
      'a%2eexample.org',
      'localhost',
      'x.localhost',
      'host.docker.internal',
      'metadata.google.internal',
      '_egress.local',
      'pipelock',
      'claude-bottle-egress-other',
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '169.254.169.254',
      '10.0.0.5',
      '0.0.0.0',
      '100.64.0.1',
      '[::1]',
      '::1',
      '10.0.0.5.nip.io',
      'localtest.me',
      'xn--zzzzzzzz99.example.org',
      'xn--abc-.example.org',
    ].map((host) => withRoute(host)),
    quiet: [
      withRoute('a.example.org'),
      withRoute('API.Example.ORG'),
      withRoute('xn--bcher-kva.example.org'),
      withRoute('8.8.4.4'),
      withRoute('10.0.0.5', { privateUpstream: true }),
      withRoute('registry.10.0.0.5.nip.io', { privateUpstream: true }),
      withRoute('3com.example.org'),
    ],
  },
  'bottles::route-unique': {
    fires: [withRoutes(Route.to('a.example.org'), Route.to('A.Example.Org'))],
    quiet: [withRoutes(Route.to('a.example.org'), Route.to('b.example.org'))],
  },
  'bottles::route-methods': {
    fires: [
      [],
      ['get'],
      ['TRACE'],
      ['CONNECT'],
      ['GET POST'],
      [''],
      ['GET', 'GET'],
      ['FOO_BAR'],
      ['TRACK'],
      ['-X'],
      ['A'.repeat(33)],
    ].map((methods) => withRoute('a.example.org', { methods })),
    quiet: [withRoute('a.example.org', { methods: ['GET', 'PROPFIND'] })],
  },
  'bottles::route-path-prefixes': {
    fires: [
      prefixes(),
      ...[
        'repos/',
        '/a/../b',
        '/a/./b',
        '/a//b',
        '/a%2fb',
        '/a%2Fb',
        '/%2e%2e/',
        '/a%252f',
        '/a?x',
        '/a#x',
        '/a\\b',
        '/a b',
        '/ü',
        '/%zz',
        '/%00',
        '/x%3fy',
        '/x%01',
        '/x%7F',
        '/%ff',
        '/..;a/',
        '/.%3Bx/',
        '/a/..%20/',
        '/%E2%80%A5/',
        '/a%EF%BC%8Fb',
      ].map((prefix) => prefixes(prefix)),
      prefixes('/a/', '/a/'),
      prefixes('/a/', '/%61/'),
    ],
    quiet: [prefixes('/'), prefixes('/repos/acme/'), prefixes('/a%20b', '/.well-known/x', '/a..b')],
  },
  'bottles::route-ports': {
    fires: [[], [0], [65_536], [1.5], [-1], [443, 443]].map((ports) => withRoute('a.example.org', { ports })),
    quiet: [withRoute('a.example.org', { ports: [1, 8443, 65_535] })],
  },
  'bottles::route-auth-header': {
    fires: [
      'Host',
      'cookie',
      'Content-Length',
      'Connection',
      'Transfer-Encoding',
      'Proxy-Authorization',
      'TE',
      'a b',
      'a:',
      'Sec-WebSocket-Key',
      'Content_Length',
      'proxy_authorization',
    ].map(header),
    quiet: [header('X-Api-Key'), header('PRIVATE-TOKEN'), header('Authorization')],
  },
  'bottles::route-auth-user': {
    fires: ['', 'a:b', 'a\n', 'a\u200bb', 'a\u00a0b', 'bücher'].map((user) =>
      withRoute('a.example.org', { auth: Auth.basic(user, HostEnv.of('A')) }),
    ),
    quiet: ['bot', 'a b', 'x'].map((user) => withRoute('a.example.org', { auth: Auth.basic(user, HostEnv.of('A')) })),
  },
  'bottles::route-tls-passthrough': {
    fires: [withRoute('a.example.org', { tlsPassthrough: true })],
    quiet: [withRoute('a.example.org', { tlsPassthrough: false })],
  },
  'bottles::route-web-socket': {
    fires: [withRoute('a.example.org', { webSocket: true })],
    quiet: [withRoute('a.example.org', { webSocket: false }), withRoute('a.example.org')],
  },
  'bottles::route-private-upstream': {
    fires: [withRoute('a.example.org', { privateUpstream: true })],
    quiet: [withRoute('a.example.org', { privateUpstream: false })],
  },
  'bottles::allow-entry': {
    fires: [
      '*',
      '*.com',
      '*.co.uk',
      '*.ac.jp',
      '*.kawasaki.jp',
      '*.*.example.org',
      'a.*.org',
      'https://a.example.org',
      'a.example.org:80',
      '*.0.0.1',
      '*.example.org.',
      'localhost',
    ]
      .map((entry) => allow(entry))
      .concat(allow('a.example.org', 'A.example.org')),
    quiet: [allow('a.example.org', '*.example.org', '*.cdn.example.co.uk')],
  },
};
