/** Everything but hosts and git remotes: what a definition changes, and the lines that tell it. */

import type { AgentPlan, BottlePlan, SidecarsPlan } from '../../../lib/plan/index.ts';
import { fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { type Case, testTold } from './told.ts';

const test = suite('a change of a definition is told in words');

const ALL = ['egress', 'git-gate', 'supervise'] as const;
const FULL = fullMatrix();

const withAgent = (more: Partial<AgentPlan>): BottlePlan => ({ ...FULL, agent: { ...FULL.agent, ...more } });

const withSidecars = (more: Partial<SidecarsPlan>): BottlePlan => planWith(ALL, more);

const mount = (readOnly: boolean, source = './src') =>
  withAgent({ mounts: [{ kind: 'bind', source, target: '/workspace/src', readOnly }] });
const cache = { kind: 'volume', name: 'cache', target: '/cache' } as const;

const CASES: readonly Case[] = [
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

testTold(test, CASES);

test.run();
