/** For each rule on hosts that overlap or look alike, and on what has no effect: definitions that break it, and the nearest ones that do not. */

import { App, Bottle, Network, Route, type RouteOptions, type SidecarBundleProps } from 'claude-bottle';
import type { RuleCase } from './cases-network.ts';
import { appOf, bearer, remote, withRemotes, withRoute, withRoutes, withSidecars } from './definition.ts';

const allow = (...entries: string[]): App => withSidecars({ pipelock: { allow: entries } });
const routed = (host: string, pipelock: SidecarBundleProps['pipelock'] = {}, more: RouteOptions = {}): App =>
  withSidecars({ egress: { routes: [Route.to(host, more)] }, pipelock });
const prefixes = (...pathPrefixes: string[]): App => withRoute('a.example.org', { pathPrefixes });
const hosts = (...names: string[]): App => withRoutes(...names.map((name) => Route.to(name)));

/** One bottle for each subnet. */
function subnets(...texts: string[]): App {
  const app = new App();
  for (const [index, subnet] of texts.entries()) {
    new Bottle(app, `b${index}`, { agent: {}, sidecars: { egressNetwork: Network.managed({ subnet }) } });
  }
  return app;
}

export const HOST_CASES: Readonly<Record<string, RuleCase>> = {
  'bottles::network-subnet-overlap': {
    fires: [
      subnets('10.77.0.0/24', '10.77.0.0/24'),
      subnets('10.77.0.0/16', '10.77.3.0/24'),
      subnets('10.77.3.0/24', '10.77.0.0/16'),
      subnets('10.77.0.0/16', '10.78.0.0/24', '10.77.255.0/24'),
      subnets('10.0.0.0/8', '10.77.0.0/24', '10.200.0.0/24'),
    ],
    quiet: [
      subnets('10.77.0.0/24', '10.77.1.0/24'),
      subnets('10.77.1.0/24', '10.77.0.0/24', '192.168.7.0/24'),
      withSidecars({ egressNetwork: Network.managed({ subnet: '10.77.0.0/24' }) }),
      withSidecars({}),
    ],
  },
  'bottles::route-auth-plain-http': {
    fires: [[80], [443, 80]].map((ports) => withRoute('a.example.org', { ports, auth: bearer() })),
    quiet: [
      withRoute('a.example.org', { ports: [80] }),
      withRoute('a.example.org', { ports: [443, 8443], auth: bearer() }),
    ],
  },
  'bottles::route-private-name': {
    fires: ['wiki.corp', 'registry.internal', 'nas.local', 'x.y.home.arpa', 'git.lan'].map((host) => withRoute(host)),
    quiet: [
      withRoute('wiki.corp', { privateUpstream: true }),
      withRoute('corp.example.org'),
      withRoute('local.example.org'),
      withRoute('outside.test'),
    ],
  },
  'bottles::route-prefix-overlap': {
    fires: [
      prefixes('/repos/', '/repos/acme/'),
      prefixes('/repos/acme/', '/repos/'),
      prefixes('/repos', '/repos/acme'),
      prefixes('/repos', '/repos/'),
      prefixes('/%72epos/', '/repos/acme/'),
      prefixes('/', '/repos/'),
      prefixes('/'),
    ],
    quiet: [
      prefixes('/repos/', '/users/'),
      prefixes('/repos', '/repositories'),
      prefixes('/repos/acme/', '/repos/acme2/'),
      withRoute('a.example.org'),
    ],
  },
  'bottles::allow-overlap': {
    fires: [
      routed('a.example.org', { allow: ['*.example.org'], exposed: true }),
      routed('a.example.org', { allow: ['a.example.org'], exposed: true }),
      routed('example.org', { allow: ['*.example.org'], exposed: true }),
      allow('*.example.org', 'a.example.org'),
      allow('a.b.example.org', '*.example.org'),
      allow('*.example.org', '*.b.example.org'),
      allow('*.example.org', 'example.org'),
    ],
    quiet: [
      routed('a.example.org', { allow: ['*.b.example.org', 'c.example.org'], exposed: true }),
      allow('*.example.org', 'example.net', 'anexample.org'),
      allow('*.example.org'),
    ],
  },
  'bottles::allow-shared-suffix': {
    fires: ['*.github.io', '*.workers.dev', '*.cloudfront.net', '*.blob.core.windows.net'].map((entry) => allow(entry)),
    quiet: [allow('*.acme.github.io', 'acme.github.io', '*.example.org'), allow('*.com')],
  },
  'bottles::host-mixed-scripts': {
    fires: [
      // A Cyrillic а in pаypal, a Greek ο in gοοgle, both as the resolver sees them.
      hosts('xn--pypal-4ve.com'),
      hosts('xn--ggle-0nda.com'),
      allow('*.xn--pypal-4ve.com'),
      withRemotes(remote({}, 'app', 'ssh://git@xn--pypal-4ve.com/acme/app.git')),
    ],
    quiet: [
      hosts('xn--bcher-kva.example'),
      hosts('xn--80ak6aa92e.com'),
      hosts('xn--eckwd4c7cu47r2wf.jp'),
      hosts('a.org'),
    ],
  },
  'bottles::host-punycode': {
    fires: [hosts('xn--bcher-kva.example'), hosts('xn--80ak6aa92e.com'), allow('*.xn--80ak6aa92e.com')],
    quiet: [hosts('buecher.example'), hosts('xn--pypal-4ve.com')],
  },
  'bottles::host-near-miss': {
    fires: [
      hosts('api.acme-tools.com', 'api.acme-tool.com'),
      hosts('a.acme-tools.com', 'b.acme-tools.co'),
      hosts('api.githab.com'),
      hosts('api.gihtub.com'),
      hosts('wwwgithub.com', 'www.github.com'),
      hosts('registry.nprnjs.org'),
      hosts('g1thub.com'),
      allow('files.pythonhosted.org', 'files.pythonhoste.org'),
      hosts('acme.co.uk', 'acne.co.uk'),
      appOf(
        {},
        {
          egress: { routes: [Route.to('acme-tool.com')] },
          gitGate: { remotes: [remote({}, 'a', 'git@acme-tools.com:a/b')] },
        },
      ),
    ],
    quiet: [
      hosts('a.acme-tools.com', 'b.acme-tools.com', 'acme-tools.com'),
      hosts('shard1.example', 'shard2.example'),
      hosts('node1', 'node2'),
      hosts('api.github.com', 'codeload.github.com', 'gitlab.com', 'pypi.org'),
      hosts('a.co', 'b.co'),
      hosts('10.1.1.1', '10.1.1.2'),
      hosts('a.foo.test', 'b.foo.test'),
      // What is no host is an error of its own.
      hosts('*.acme-tools.com', 'a.acme-tools.com'),
    ],
  },
  'bottles::allow-behind-egress': {
    fires: [routed('a.example.org', { allow: ['b.example.org'] })],
    quiet: [
      routed('a.example.org', { allow: ['b.example.org'], exposed: true }),
      allow('b.example.org'),
      routed('a.example.org'),
    ],
  },
  'bottles::route-web-socket-idle': {
    fires: [withRoute('a.example.org', { webSocket: true, methods: ['POST'] })],
    quiet: [
      withRoute('a.example.org', { webSocket: true, methods: ['GET', 'POST'] }),
      withRoute('a.example.org', { webSocket: true }),
      withRoute('a.example.org', { methods: ['POST'] }),
    ],
  },
  'bottles::git-read-only-idle': {
    fires: [
      withRemotes(remote({ access: 'read', branches: ['agent/*'] })),
      withRemotes(remote({ access: 'read', allow: { tags: true } })),
    ],
    quiet: [
      withRemotes(remote({ access: 'read' })),
      withRemotes(remote({ access: 'read', allow: { tags: false } })),
      withRemotes(remote({ branches: ['agent/*'], allow: { tags: true } })),
    ],
  },
  'bottles::trusted-cas-idle': {
    fires: [withSidecars({ trustedCAs: ['certs/ca.pem'] })],
    quiet: [
      withSidecars({ trustedCAs: ['certs/ca.pem'], supervise: true }),
      withSidecars({ trustedCAs: ['certs/ca.pem'], pipelock: { allow: ['a.example.org'] } }),
      withSidecars({
        trustedCAs: ['certs/ca.pem'],
        egress: { routes: [Route.to('a.example.org', { tlsPassthrough: true })] },
      }),
    ],
  },
};
