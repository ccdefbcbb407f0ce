/** For each rule on images, the agent and limits: definitions that break it, and the nearest ones that do not. */

import { AgentImage, type AgentProps, App, Bottle, Image, Mount, type SidecarBundleProps } from 'claude-bottle';
import type { RuleCase } from './cases-network.ts';
import { withAgent, withSidecars } from './definition.ts';

const agentImage = (image: Image): App => withAgent({ image });
const reference = (text: string): App => agentImage(Image.from(text));
const supervise = (deadlineSeconds: number): App => withSidecars({ supervise: { deadlineSeconds } });

/** An app with the context key `requireDigests`. */
function digests(requireDigests: unknown, agent: AgentProps, sidecars: SidecarBundleProps = {}): App {
  const app = new App({ context: { requireDigests } });
  new Bottle(app, 'demo', { agent, sidecars });
  return app;
}

export const LIMIT_CASES: Readonly<Record<string, RuleCase>> = {
  'bottles::image-reference': {
    fires: [
      'Team/Agent',
      'a b',
      '-x',
      'agent:',
      'agent@sha256:abc',
      'https://registry.example.com/agent',
      'agent;id',
      '$IMAGE',
    ].map(reference),
    quiet: [
      reference('registry.example.com:5000/team/agent:1.2'),
      reference(`agent@sha256:${'a'.repeat(64)}`),
      reference(`sha256:${'a'.repeat(64)}`),
    ],
  },
  'bottles::image-floating': {
    fires: [reference('agent'), reference('agent:latest'), reference('registry.example.com:5000/agent')],
    quiet: [reference('agent:1.2'), reference(`agent:latest@sha256:${'a'.repeat(64)}`), withAgent({})],
  },
  'bottles::image-digest': {
    fires: [true, 'true'].flatMap((asked) => [
      digests(asked, { image: Image.from('agent:1.2') }),
      digests(asked, {}, { image: Image.from('registry.example.com/sidecars') }),
    ]),
    quiet: [
      digests(true, { image: Image.from(`agent:1.2@sha256:${'a'.repeat(64)}`) }),
      digests(true, { image: Image.from(`sha256:${'a'.repeat(64)}`) }),
      digests(true, { image: AgentImage.claudeCode() }, { image: Image.build('image') }),
      digests(true, {}),
      digests(false, { image: Image.from('agent:1.2') }),
      digests('false', { image: Image.from('agent:1.2') }),
      reference('agent:1.2'),
    ],
  },
  'bottles::image-build': {
    fires: [
      Image.build('https://example.org/x.git'),
      Image.build('git@git.example.org:x'),
      Image.build('/'),
      Image.build('~'),
      Image.build('$HOME/x'),
      Image.build('image', { dockerfile: '../Dockerfile' }),
      Image.build('image', { dockerfile: '/etc/passwd' }),
      Image.build('image', { args: { NPM_TOKEN: 'abc' } }),
      Image.build('image', { args: { BUILDKIT_SYNTAX: 'evil.example/frontend' } }),
      Image.build('image', { args: { X: `ghp_${'a'.repeat(36)}` } }),
    ].map(agentImage),
    quiet: [
      agentImage(Image.build('image', { dockerfile: 'agent/Dockerfile', args: { VERSION: '1' } })),
      agentImage(Image.build('.')),
    ],
  },
  'bottles::image-claude-code': {
    fires: [
      agentImage(AgentImage.claudeCode({ version: 'latest' })),
      agentImage(AgentImage.claudeCode({ version: '^2.0.0' })),
      agentImage(AgentImage.claudeCode({ version: '2.0.0 --registry=x' })),
      withSidecars({ image: AgentImage.claudeCode() }),
    ],
    quiet: [agentImage(AgentImage.claudeCode({ version: '2.0.14' })), agentImage(AgentImage.claudeCode())],
  },
  'bottles::agent-user': {
    fires: ['a b', '-1', '1000:', 'a:b:c', '$USER', ''].map((user) => withAgent({ user })),
    quiet: ['1000', '1000:1000', 'agent', 'root'].map((user) => withAgent({ user })),
  },
  'bottles::agent-root': {
    fires: ['0', 'root', '0:0', 'root:root', '00'].map((user) => withAgent({ user })),
    quiet: ['1000', 'rooty', '1000:0'].map((user) => withAgent({ user })),
  },
  'bottles::agent-writable-root': {
    fires: [withAgent({ readOnlyRoot: false })],
    quiet: [withAgent({ readOnlyRoot: true }), withAgent({})],
  },
  'bottles::agent-runtime': {
    fires: ['', 'a b', '../x', '-x', 'nvidia', 'NVIDIA-legacy', 'habana'].map((runtime) => withAgent({ runtime })),
    quiet: [withAgent({ runtime: 'runsc' }), withAgent({ runtime: 'io.containerd.kata.v2' })],
  },
  'bottles::agent-command': {
    fires: [[], [''], ['x', 'a\0b'], ['x', `--token=ghp_${'a'.repeat(36)}`]].map((command) => withAgent({ command })),
    quiet: [withAgent({ command: ['sh', '-c', 'sleep 1'] }), withAgent({})],
  },
  'bottles::limit-memory': {
    fires: [
      ...['4', '4x', '-1g', '0', '1m', '1.5g', ''].map((memory) => withAgent({ resources: { memory } })),
      withSidecars({ resources: { memory: '128m' } }),
    ],
    quiet: [withAgent({ resources: { memory: '512m' } }), withSidecars({ resources: { memory: '2g' } }), withAgent({})],
  },
  'bottles::limit-cpus': {
    fires: [0, -1, 5000].map((cpus) => withAgent({ resources: { cpus } })),
    quiet: [withAgent({ resources: { cpus: 0.5 } }), withAgent({})],
  },
  'bottles::limit-pids': {
    fires: [0, -1, 1.5, 10, 1e9].map((pids) => withAgent({ resources: { pids } })),
    quiet: [withAgent({ resources: { pids: 100 } })],
  },
  'bottles::limit-bodies': {
    fires: [
      withSidecars({ pipelock: { maxResponseBytes: 0 } }),
      withSidecars({ pipelock: { maxBodyBytes: 1.5e3 + 0.5 } }),
      withSidecars({ pipelock: { maxBodyBytes: 2 ** 40 } }),
      withSidecars({ pipelock: { maxBodyBytes: 32 * 1024 ** 2 + 1 } }),
      withSidecars({ pipelock: { maxResponseBytes: 1024 ** 3 + 1 } }),
    ],
    quiet: [
      withSidecars({ pipelock: { maxResponseBytes: 1024 ** 3, maxBodyBytes: 32 * 1024 ** 2 } }),
      withSidecars({ pipelock: { maxResponseBytes: 1024 ** 2, maxBodyBytes: 1024 } }),
      withSidecars({}),
    ],
  },
  'bottles::limit-bodies-memory': {
    fires: [
      withSidecars({ pipelock: { maxResponseBytes: 600 * 1024 ** 2 } }),
      withSidecars({ pipelock: { maxResponseBytes: 200 * 1024 ** 2 }, resources: { memory: '256m' } }),
    ],
    quiet: [
      withSidecars({ pipelock: { maxResponseBytes: 600 * 1024 ** 2 }, resources: { memory: '2g' } }),
      withSidecars({ resources: { memory: '256m' } }),
      withSidecars({}),
    ],
  },
  'bottles::limit-deadline': {
    fires: [0, 9, 86_401, 60.5].map(supervise),
    quiet: [supervise(60), withSidecars({ supervise: true })],
  },
  'bottles::limit-tmpfs': {
    fires: ['0', '0m', '64', 'x', '-1m'].map((size) => withAgent({ mounts: [Mount.tmpfs('/data', { size })] })),
    quiet: [withAgent({ mounts: [Mount.tmpfs('/data', { size: '64m' }), Mount.tmpfs('/more')] })],
  },
  'bottles::limit-tmpfs-memory': {
    fires: [
      withAgent({ mounts: [Mount.tmpfs('/data', { size: '4g' })] }),
      withSidecars({ mounts: [Mount.tmpfs('/data', { size: '2g' })] }),
      withAgent({ mounts: [Mount.tmpfs('/data', { size: '1g' })], resources: { memory: '512m' } }),
    ],
    quiet: [
      withAgent({ mounts: [Mount.tmpfs('/data', { size: '1g' }), Mount.tmpfs('/more')] }),
      withSidecars({ mounts: [Mount.tmpfs('/data', { size: '64m' })] }),
    ],
  },
};
