import { routes, sidecars } from '../pages/snippets.ts';
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
};
