/** Hosts, credentials, the scan and git remotes: what a definition changes, and the lines that tell it. */

import type { BottlePlan, GitRemotePlan, RoutePlan, SidecarsPlan } from '../../../lib/plan/index.ts';
import { exposed, fullMatrix, HOST_KEY, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { type Case, testTold } from './told.ts';

const test = suite('a change of what the agent reaches is told in words');

const ALL = ['egress', 'git-gate', 'supervise'] as const;
const FULL = fullMatrix();

const withSidecars = (more: Partial<SidecarsPlan>): BottlePlan => planWith(ALL, more);

const ROUTE: RoutePlan = {
  host: 'api.example.org',
  ports: [443],
  methods: ['GET'],
  pathPrefixes: ['/v1/'],
  tlsPassthrough: false,
  privateUpstream: false,
  webSocket: false,
};

/** A bottle with one route and the tokens that it names. */
function routed(more: Partial<RoutePlan> = {}): BottlePlan {
  const route = { ...ROUTE, ...more };
  const tokens = route.auth === undefined ? [] : [route.auth.from];
  return planWith(['egress'], { egress: { path: 'x', routes: [route], tokens } });
}
const anyMethod = (): BottlePlan => {
  const { methods: _methods, ...route } = ROUTE;
  return planWith(['egress'], { egress: { path: 'x', routes: [route], tokens: [] } });
};
const bearer = (from: string) => ({ auth: { scheme: 'Bearer', from, slot: 0 } }) as const;

function remote(more: Partial<GitRemotePlan> = {}): BottlePlan {
  const [only] = FULL.sidecars.gitGate?.remotes ?? [];
  if (only === undefined) throw new Error('no remote');
  return withSidecars({ gitGate: { path: 'x', remotes: [{ ...only, ...more }] } });
}

const CASES: readonly Case[] = [
  ['a method more', routed(), routed({ methods: ['GET', 'POST'] }), ['+ route: POST api.example.org below /v1/']],
  ['any method', routed(), anyMethod(), ['+ route: any method but GET to api.example.org below /v1/']],
  [
    'another path and a port',
    routed(),
    routed({ pathPrefixes: ['/v2/'], ports: [443, 8443] }),
    ['- route: GET api.example.org below /v1/', '+ route: GET api.example.org below /v2/ on port 443, 8443'],
  ],
  [
    'a path that is above the old one',
    routed({ pathPrefixes: ['/v1/chat/'] }),
    routed(),
    ['+ route: GET api.example.org below /v1/ except below /v1/chat/'],
  ],
  [
    'a path written with a percent sign that means the same',
    routed({ pathPrefixes: ['/%761/'] }),
    routed(),
    ['~ route: api.example.org: changed'],
  ],
  [
    'a credential attached',
    routed(),
    routed(bearer('GH_TOKEN')),
    ['+ credential: api.example.org with credential GH_TOKEN', '+ credential: credential GH_TOKEN in the sidecars'],
  ],
  [
    'a credential sent in another way',
    routed(bearer('GH_TOKEN')),
    routed({ auth: { scheme: 'header', header: 'X-Api-Key', from: 'GH_TOKEN', slot: 0 } }),
    [
      '~ credential: api.example.org: credential GH_TOKEN sent as header X-Api-Key, was Bearer',
      '~ content-scan: header x-api-key not scanned by pipelock, since egress sets it',
    ],
  ],
  [
    'a method more of a host with a credential',
    routed(bearer('GH_TOKEN')),
    routed({ ...bearer('GH_TOKEN'), methods: ['GET', 'POST'] }),
    ['+ route: POST api.example.org below /v1/ with credential GH_TOKEN'],
  ],
  [
    'web sockets, passthrough and private addresses',
    routed(),
    routed({ webSocket: true, tlsPassthrough: true, privateUpstream: true }),
    [
      '+ web-socket: WebSockets to api.example.org, whose frames nobody scans',
      "+ content-scan: api.example.org without pipelock's content scan (TLS passthrough)",
      '+ private-upstream: api.example.org at private addresses',
    ],
  ],
  [
    'an entry of the allowlist behind egress',
    routed(),
    planWith(['egress'], {
      egress: { path: 'x', routes: [ROUTE], tokens: [] },
      pipelock: { ...FULL.sidecars.pipelock, allow: ['*.example.net'] },
    }),
    ["+ allowlist: *.example.net on pipelock's allowlist, behind an egress without a route to it"],
  ],
  [
    'an entry of the allowlist where pipelock is the proxy',
    planWith([]),
    planWith([], { pipelock: { ...FULL.sidecars.pipelock, allow: ['*.example.net'] } }),
    ['+ allowlist: any request to *.example.net on any port'],
  ],
  [
    'an exposed pipelock',
    routed(),
    planWith(['egress'], { egress: { path: 'x', routes: [ROUTE], tokens: [] }, ...exposed(['egress']) }),
    [
      '+ allowlist: any request to api.example.org by pipelock itself, past the route',
      '~ content-scan: header authorization scanned again',
      '~ listen: pipelock listens on claude-bottle-pipelock-demo-abc12:8888, was 127.0.0.1:8888',
      '~ name-resolution: pipelock no more on the loopback of the sidecars',
    ],
  ],
  [
    'the engine and the limits of bodies',
    FULL,
    withSidecars({
      pipelock: { ...FULL.sidecars.pipelock, engine: 'builtin', maxBodyBytes: 1_048_576, maxResponseBytes: 1_000 },
    }),
    [
      '~ limit: request bodies up to 1 MiB, was 5 MiB',
      '~ limit: response bodies up to 1000 bytes, was 32 MiB',
      "~ engine: in pipelock's slot: builtin, was what the host chooses",
    ],
  ],
  [
    'a remote that may not be pushed to any more',
    FULL,
    remote({ access: 'read' }),
    ["- git-push: push to ssh://git@git.example.org/acme/app.git: any branch but the upstream's HEAD"],
  ],
  [
    'branches, protected paths and rights of a remote',
    FULL,
    remote({
      branches: ['agent/*'],
      protectedPaths: ['.gitlab-ci.yml'],
      allow: { force: true, delete: false, tags: true },
    }),
    [
      "- git-push: push to ssh://git@git.example.org/acme/app.git: any branch but the upstream's HEAD",
      '+ git-push: push to ssh://git@git.example.org/acme/app.git: branches agent/*',
      '+ git-push: push to ssh://git@git.example.org/acme/app.git: changes to .github/workflows/**',
      '+ git-push: push to ssh://git@git.example.org/acme/app.git: forced pushes',
      '+ git-push: push to ssh://git@git.example.org/acme/app.git: tags',
    ],
  ],
  [
    'key and host key of a remote',
    FULL,
    remote({ identityFile: '~/.ssh/other', knownHostKey: `${HOST_KEY.slice(0, -1)}g` }),
    [
      '- git-identity: ssh://git@git.example.org/acme/app.git with key ~/.ssh/id_ed25519',
      '+ git-identity: ssh://git@git.example.org/acme/app.git with key ~/.ssh/other',
      /^~ host-key: host key of git\.example\.org: ssh-ed25519 SHA256:\S+, was ssh-ed25519 SHA256:\S+$/,
    ],
  ],
];

testTold(test, CASES);

test.run();
