import { remote, remotes, routes, sidecars } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

export const ROUTE_EXAMPLES: RuleExamples = {
  'bottles::route-host': {
    failing: routes("'https://api.example.com/v1'"),
    mended: routes("'api.example.com', { pathPrefixes: ['/v1/'] }"),
  },
  'bottles::route-unique': {
    failing: routes("'api.example.com', { methods: ['GET'] }", "'API.example.com', { pathPrefixes: ['/v1/'] }"),
    mended: routes("'api.example.com', { methods: ['GET'], pathPrefixes: ['/v1/'] }"),
  },
  'bottles::route-methods': {
    failing: routes("'api.example.com', { methods: ['get', 'TRACE'] }"),
    mended: routes("'api.example.com', { methods: ['GET'] }"),
  },
  'bottles::route-path-prefixes': {
    failing: routes("'api.example.com', { pathPrefixes: ['repos/acme', '/repos/../admin/'] }"),
    mended: routes("'api.example.com', { pathPrefixes: ['/repos/acme/', '/admin/'] }"),
  },
  'bottles::route-ports': {
    failing: routes("'api.example.com', { ports: [0, 70000] }"),
    mended: routes("'api.example.com', { ports: [8443] }"),
  },
  'bottles::route-auth-header': {
    failing: routes("'api.example.com', { auth: Auth.header('Cookie', HostEnv.of('API_TOKEN')) }"),
    mended: routes("'api.example.com', { auth: Auth.header('X-Api-Key', HostEnv.of('API_TOKEN')) }"),
  },
  'bottles::route-auth-user': {
    failing: routes("'api.example.com', { auth: Auth.basic('bot:prod', HostEnv.of('API_TOKEN')) }"),
    mended: routes("'api.example.com', { auth: Auth.basic('bot', HostEnv.of('API_TOKEN')) }"),
  },
  'bottles::route-auth-plain-http': {
    failing: routes("'api.example.com', { ports: [80, 443], auth: Auth.bearer(HostEnv.of('API_TOKEN')) }"),
    mended: routes("'api.example.com', { ports: [443], auth: Auth.bearer(HostEnv.of('API_TOKEN')) }"),
  },
  'bottles::route-private-name': {
    failing: routes("'registry.internal'"),
    mended: routes("'registry.internal', { privateUpstream: true }"),
  },
  'bottles::route-prefix-overlap': {
    failing: routes("'api.example.com', { pathPrefixes: ['/repos/', '/repos/acme/'] }"),
    mended: routes("'api.example.com', { pathPrefixes: ['/repos/acme/'] }"),
  },
  'bottles::route-tls-passthrough': {
    failing: routes("'api.example.com', { tlsPassthrough: true }"),
    mended: routes("'api.example.com'"),
  },
  'bottles::route-web-socket': {
    failing: routes("'api.example.com', { webSocket: true }"),
    mended: routes("'api.example.com'"),
  },
  'bottles::route-private-upstream': {
    failing: routes("'registry.corp.example.com', { privateUpstream: true }"),
    mended: routes("'registry.example.com'"),
  },
  'bottles::allow-entry': {
    failing: sidecars("pipelock: { allow: ['*.com', 'https://docs.example.com'] }"),
    mended: sidecars("pipelock: { allow: ['*.cdn.example.com', 'docs.example.com'] }"),
  },
  'bottles::allow-overlap': {
    failing: sidecars("pipelock: { allow: ['*.example.com', 'docs.example.com'] }"),
    mended: sidecars("pipelock: { allow: ['docs.example.com'] }"),
  },
  'bottles::allow-shared-suffix': {
    failing: sidecars("pipelock: { allow: ['*.github.io'] }"),
    mended: sidecars("pipelock: { allow: ['acme.github.io'] }"),
  },
};

export const LOOK_ALIKE_EXAMPLES: RuleExamples = {
  'bottles::host-mixed-scripts': {
    failing: routes("'api.xn--pypal-4ve.com'"),
    mended: routes("'api.paypal.com'"),
  },
  'bottles::host-punycode': {
    failing: routes("'xn--bcher-kva.example'"),
    mended: routes("'buecher.example'"),
  },
  'bottles::host-near-miss': {
    failing: routes("'api.github.com'", "'uploads.gihtub.com'"),
    mended: routes("'api.github.com'", "'uploads.github.com'"),
  },
};

export const UNUSED_EXAMPLES: RuleExamples = {
  'bottles::allow-behind-egress': {
    failing: sidecars("egress: { routes: [Route.to('api.example.com')] }, pipelock: { allow: ['docs.example.com'] }"),
    mended: routes("'api.example.com'", "'docs.example.com'"),
  },
  'bottles::route-web-socket-idle': {
    failing: routes("'api.example.com', { methods: ['POST'], webSocket: true }"),
    mended: routes("'api.example.com', { methods: ['GET', 'POST'], webSocket: true }"),
  },
  'bottles::git-read-only-idle': {
    failing: remotes(remote({ more: "access: 'read',\n  branches: ['agent/*']" })),
    mended: remotes(remote({ more: "access: 'read'" })),
  },
  'bottles::trusted-cas-idle': {
    failing: sidecars("trustedCAs: ['certs/corp-ca.pem']"),
    mended: sidecars("trustedCAs: ['certs/corp-ca.pem'], supervise: true"),
  },
};
