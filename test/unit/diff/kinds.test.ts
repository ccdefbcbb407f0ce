/** Each kind of change: what a definition changes, and the lines that tell it. */

import * as assert from 'uvu/assert';
import type { AgentPlan, BottlePlan, GitRemotePlan, RoutePlan, SidecarsPlan } from '../../../lib/plan/index.ts';
import { exposed, fullMatrix, HOST_KEY, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { diffPlans, linesOf } from './versions.ts';

const test = suite('a change of a definition is told in words');

const ALL = ['egress', 'git-gate', 'supervise'] as const;
const FULL = fullMatrix();

const withAgent = (more: Partial<AgentPlan>): BottlePlan => ({ ...FULL, agent: { ...FULL.agent, ...more } });
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

const mount = (readOnly: boolean, source = './src') =>
  withAgent({ mounts: [{ kind: 'bind', source, target: '/workspace/src', readOnly }] });
const cache = { kind: 'volume', name: 'cache', target: '/cache' } as const;

type Case = readonly [what: string, before: BottlePlan, after: BottlePlan, lines: readonly (string | RegExp)[]];

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
  [
    'variables of the agent',
    FULL,
    withAgent({
      env: [
        { kind: 'literal', name: 'EDITOR', value: 'nano' },
        { kind: 'host', name: 'LANG', from: 'LC_ALL' },
      ],
    }),
    [
      "~ env: variable EDITOR of the agent: 'nano', was 'vim'",
      '- env: host variable LANG to the agent',
      '+ env: host variable LC_ALL to the agent as LANG',
      "~ env: variable LANG of the agent: the host's LC_ALL, was the host's LANG",
    ],
  ],
  [
    'a literal that looks like a credential',
    withAgent({ env: [{ kind: 'literal', name: 'DB_PASSWORD', value: 'correct horse' }] }),
    withAgent({ env: [{ kind: 'literal', name: 'DB_PASSWORD', value: 'battery staple' }] }),
    ['~ env: variable DB_PASSWORD of the agent: another value, not shown'],
  ],
  ['a mount added', FULL, mount(true), ['+ mount: host path ./src at /workspace/src in the agent, read-only']],
  [
    'a mount made writable',
    mount(true),
    mount(false),
    ['+ mount: writes to host path ./src at /workspace/src in the agent'],
  ],
  [
    'a mount of another source',
    mount(true),
    mount(true, '/srv/src'),
    [
      '- mount: host path ./src at /workspace/src in the agent, read-only',
      '+ mount: host path /srv/src at /workspace/src in the agent, read-only',
    ],
  ],
  [
    'a volume added',
    FULL,
    withAgent({ mounts: [cache] }),
    ['~ volume: volume user-cache added: at /cache in the agent'],
  ],
  [
    'a volume removed',
    withAgent({ mounts: [cache] }),
    FULL,
    [
      '~ volume: volume user-cache removed: its data stays behind (as claude-bottle-demo-abc12_user-cache), was at /cache in the agent',
    ],
  ],
  [
    'image, command, user, runtime, root and resources of the agent',
    FULL,
    withAgent({
      image: { kind: 'claudeCode', version: '2.1.0' },
      command: ['tail', '-f', '/dev/null'],
      user: 'root',
      runtime: 'runsc',
      readOnlyRoot: false,
      resources: { memory: '8g', pids: 1024 },
    }),
    [
      /^~ command: command of the agent: /,
      '+ user: the agent as root',
      "~ user: user of the agent: 'root', was unset",
      '- runtime: the kernel of the host to the agent, without a sandbox',
      "~ runtime: runtime of the agent: 'runsc', was unset",
      '+ root-file-system: writes to the root file system of the agent',
      '~ root-file-system: read-only root of the agent: false, was true',
      "~ resources: memory of the agent: '8g', was '4g'",
      "~ image: image of the agent: Claude Code 2.1.0, was this project's own",
    ],
  ],
  [
    'an image that is built',
    FULL,
    withAgent({ image: { kind: 'build', context: './agent', args: { NPM_TOKEN: 'abc' } } }),
    ["~ image: image of the agent: built from ./agent, arguments NPM_TOKEN, was this project's own"],
  ],
  [
    'an existing network',
    FULL,
    withSidecars({ egressNetwork: { kind: 'external', name: 'lab' } }),
    ['+ network: the existing network lab, and what is on it, to the sidecars'],
  ],
  [
    'a subnet',
    FULL,
    withSidecars({ egressNetwork: { kind: 'managed', subnet: '10.9.0.0/24' } }),
    ["~ network: network egress: subnet '10.9.0.0/24', was unset"],
  ],
  [
    'the deadline of supervise',
    FULL,
    withSidecars({ supervise: { path: 'x', deadlineSeconds: 60 } }),
    [
      '~ supervise: supervise: proposals wait 60 s for an operator, was 600 s',
      "~ env: MCP_TOOL_TIMEOUT and CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT of the agent: '120000', was '660000'",
    ],
  ],
  [
    'a private CA',
    FULL,
    withSidecars({ trustedCAs: ['ca.pem'] }),
    ['+ trusted-ca: upstreams whose certificates are of the CAs in ca.pem'],
  ],
  ['a label', FULL, { ...FULL, labels: { team: 'a' } }, ["~ label: label team: 'a', was unset"]],
  [
    'the workspace',
    FULL,
    { ...FULL, agent: (({ workspace: _workspace, ...agent }) => agent)(FULL.agent) },
    [
      '~ workspace: workspace: none, was a clone of app',
      "~ file: agent/entrypoint.sh (first program of the agent's container) changed",
    ],
  ],
  [
    'a workspace that is copied from the host',
    FULL,
    withAgent({ workspace: { kind: 'copy', hostPath: './src' } }),
    [
      '+ workspace: a copy of ./src to the agent, as its workspace',
      /^~ workspace: workspace: a copy of \.\/src of the host, as \S+, was a clone of app$/,
    ],
  ],
  [
    'a skill and standing instructions',
    FULL,
    withAgent({ skills: [{ name: 'review', source: './skills/review' }], prompt: 'Be brief.\n' }),
    [
      '+ skill: a copy of ./skills/review to the agent, as the skill review',
      '~ prompt: agent/prompt.md (standing instructions of the agent) added',
    ],
  ],
  [
    'a variable that is asked for',
    FULL,
    withAgent({ env: [...FULL.agent.env, { kind: 'ask', name: 'OTP', question: 'which one?' }] }),
    ['+ env: what the operator answers, to the agent as OTP'],
  ],
  [
    'the shape',
    FULL,
    withSidecars({ shape: 'split' }),
    ['~ shape: shape: split, was bundle: every container of the sidecars is made anew'],
  ],
];

for (const [what, before, after, expected] of CASES) {
  test(what, () => {
    const diff = diffPlans(before, after);
    const lines = linesOf(diff);
    assert.is(diff.status, 'changed');
    for (const line of expected) {
      if (typeof line === 'string') assert.ok(lines.includes(line), `${line}\nis not among\n${lines.join('\n')}`);
      else
        assert.ok(
          lines.some((one) => line.test(one)),
          `${line}\nmatches none of\n${lines.join('\n')}`,
        );
    }
    // What opens and closes is told whole: no line more than is expected.
    const isTold = (line: string): boolean => !line.startsWith('~');
    assert.equal(
      lines.filter(isTold),
      expected.filter((line): line is string => typeof line === 'string' && isTold(line)),
    );
  });
}

test.run();
