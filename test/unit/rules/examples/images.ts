import { agent, sidecars } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

const withDigests = (reference: string): string => `const app = new App({ context: { requireDigests: true } });

${agent(`image: Image.from('${reference}')`)}`;

export const IMAGE_EXAMPLES: RuleExamples = {
  'bottles::image-reference': {
    failing: agent("image: Image.from('https://registry.example.com/Team/agent')"),
    mended: agent("image: Image.from('registry.example.com/team/agent:1.2')"),
  },
  'bottles::image-floating': {
    failing: agent("image: Image.from('registry.example.com/team/agent:latest')"),
    mended: agent("image: Image.from('registry.example.com/team/agent:1.2')"),
  },
  'bottles::image-digest': {
    failing: withDigests('registry.example.com/team/agent:1.2'),
    mended: withDigests(
      'registry.example.com/team/agent:1.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ),
  },
  'bottles::image-build': {
    failing: agent("image: Image.build('image', { args: { NPM_TOKEN: 'abc' } })"),
    mended: agent("image: Image.build('image', { args: { NODE_VERSION: '22' } })"),
  },
  'bottles::image-claude-code': {
    failing: agent("image: AgentImage.claudeCode({ version: 'latest' })"),
    mended: agent("image: AgentImage.claudeCode({ version: '2.0.14' })"),
  },
  'bottles::agent-user': { failing: agent("user: 'agent agent'"), mended: agent("user: '1000:1000'") },
  'bottles::agent-root': { failing: agent("user: 'root'"), mended: agent("user: '1000'") },
  'bottles::agent-writable-root': {
    failing: agent('readOnlyRoot: false'),
    mended: agent("mounts: [Mount.volume('tools', '/data/tools')]"),
  },
  'bottles::agent-runtime': { failing: agent("runtime: '--runtime=runsc'"), mended: agent("runtime: 'runsc'") },
  'bottles::agent-command': { failing: agent('command: []'), mended: agent("command: ['sleep', 'infinity']") },
};

export const LIMIT_EXAMPLES: RuleExamples = {
  'bottles::limit-memory': {
    failing: sidecars("resources: { memory: '64m' }"),
    mended: sidecars("resources: { memory: '1g' }"),
  },
  'bottles::limit-cpus': { failing: agent('resources: { cpus: 0 }'), mended: agent('resources: { cpus: 1.5 }') },
  'bottles::limit-pids': { failing: agent('resources: { pids: -1 }'), mended: agent('resources: { pids: 1024 }') },
  'bottles::limit-bodies': {
    failing: sidecars('pipelock: { maxBodyBytes: 100 * 1024 ** 2 }'),
    mended: sidecars('pipelock: { maxBodyBytes: 16 * 1024 ** 2 }'),
  },
  'bottles::limit-bodies-memory': {
    failing: sidecars("pipelock: { maxResponseBytes: 256 * 1024 ** 2 }, resources: { memory: '512m' }"),
    mended: sidecars("pipelock: { maxResponseBytes: 256 * 1024 ** 2 }, resources: { memory: '2g' }"),
  },
  'bottles::limit-deadline': {
    failing: sidecars('supervise: { deadlineSeconds: 5 }'),
    mended: sidecars('supervise: { deadlineSeconds: 300 }'),
  },
  'bottles::limit-tmpfs': {
    failing: agent("mounts: [Mount.tmpfs('/data', { size: '0' })]"),
    mended: agent("mounts: [Mount.tmpfs('/data', { size: '64m' })]"),
  },
  'bottles::limit-tmpfs-memory': {
    failing: agent("mounts: [Mount.tmpfs('/data', { size: '4g' })], resources: { memory: '2g' }"),
    mended: agent("mounts: [Mount.tmpfs('/data', { size: '512m' })], resources: { memory: '2g' }"),
  },
};
