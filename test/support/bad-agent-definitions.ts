/** Bad edits of what a definition says of the agent: variables, mounts, workspace, image, skills, prompt and limits. */

import { AgentImage, type AgentProps, EnvValue, Image, Mount, Workspace } from 'claude-bottle';
import {
  agent,
  type BadDefinition,
  bind,
  both,
  bothMount,
  bundleEnv,
  env,
  errors,
  mounts,
  remote,
  route,
  sidecars,
  warnings,
} from './bad-definition.ts';

const RANDOM = 'q7Zr0pVx9KtB3mWnE5sYhL2c';
const TOKEN = `ghp_${'a'.repeat(36)}`;

/** `change` in the place of the recipe's own workspace. */
const instead = (change: ReturnType<typeof agent>): ReturnType<typeof agent> => ({
  ...change,
  edit: (recipe) => {
    const without = { ...recipe, workspace: 'none' as const, acknowledges: false };
    return change.edit?.(without) ?? without;
  },
});

const workspace = (value: Workspace, more: AgentProps = {}) => instead(agent({ workspace: value, ...more }));

const BEARER = { scheme: 'bearer', from: 'API_TOKEN' } as const;

const ENV: readonly BadDefinition[] = [
  ...errors('env-name', 'Agent', env('A-B', 'x'), env('1A', 'x'), env('A B', EnvValue.ask('Which?'))),
  ...errors('env-name', 'Sidecars', bundleEnv('A=B', 'x')),
  ...errors('env-value-text', 'Agent', env('APP', 'x\ny')),
  ...errors('text-characters', 'Agent', env('APP', 'x\ud83d')),
  ...errors(
    'env-proxy-on-bundle',
    'Sidecars',
    bundleEnv('HTTPS_PROXY', 'http://proxy.example.org:3128'),
    bundleEnv('no_proxy', ''),
  ),
  ...errors('env-proxy-on-agent', 'Agent', env('https_proxy', 'http://proxy.example.org:3128'), env('No_Proxy', '*')),
  ...errors('env-token-name', 'Agent', env('EGRESS_TOKEN_0', 'x'), env('FOO', EnvValue.fromHost('EGRESS_TOKEN_0'))),
  ...errors('env-token-name', 'Sidecars', bundleEnv('EGRESS_TOKEN_0', EnvValue.fromHost('GH'))),
  ...errors(
    'env-route-credential',
    'Agent',
    both(route('edited.example', {}, BEARER), env('FOO', EnvValue.fromHost('API_TOKEN'))),
    both(route('edited.example', {}, BEARER), env('API_TOKEN', '')),
  ),
  ...errors('env-reserved', 'Agent', env('SSL_CERT_FILE', 'x'), env('CLAUDE_BOTTLE_X', 'x')),
  ...errors('env-reserved', 'Sidecars', bundleEnv('LD_PRELOAD', '/data/x.so'), bundleEnv('SUPERVISE_PORT', '1')),
  ...errors(
    'env-secret-literal',
    'Agent',
    env('APP', TOKEN),
    env('DATABASE_URL', 'postgres://me:hunter2@db.example.org/x'),
    env('DB_PASSWORD', 'hunter2'),
  ),
  ...errors('env-bundle-unread', 'Sidecars', bundleEnv('TZ', 'UTC')),
  ...errors('env-question', 'Agent', env('APP', EnvValue.ask('one\ntwo')), env('APP', EnvValue.ask(' '))),
  ...errors('env-duplicate', 'Agent', both(env('APP', 'x'), env('APP', 'y'))),
  ...warnings('env-credential-forwarded', 'Agent', env('GH_TOKEN', EnvValue.fromHost('GH_TOKEN'))),
  ...warnings('env-proxy-forwarded', 'Agent', env('UPSTREAM', EnvValue.fromHost('HTTPS_PROXY'))),
  ...warnings('env-credential-asked', 'Agent', env('GH_TOKEN', EnvValue.ask('Which?'))),
  ...warnings('secret-entropy', 'Agent', env('NOTE', RANDOM)),
];

const writable = { readOnly: false };

const MOUNTS: readonly BadDefinition[] = [
  ...errors('mount-target-absolute', 'Agent', mounts(Mount.volume('v', 'data')), mounts(Mount.tmpfs('/a$HOME'))),
  ...errors('mount-target-unique', 'Agent', mounts(Mount.volume('a', '/edited'), Mount.tmpfs('/x/../edited/'))),
  ...errors(
    'mount-target-reserved',
    'Agent',
    mounts(Mount.tmpfs('/opt/claude-bottle/x')),
    mounts(Mount.tmpfs('/etc/hosts')),
  ),
  ...errors('mount-target-reserved', 'Sidecars', sidecars({ mounts: [Mount.volume('v', '/etc/egress')] })),
  ...errors(
    'mount-volume-name',
    'Agent',
    mounts(Mount.volume('a b', '/edited')),
    mounts(Mount.volume('../a', '/edited')),
  ),
  ...errors('mount-volume-shared', 'Sidecars', bothMount(Mount.volume('x', '/edited'), Mount.volume('x', '/edited'))),
  ...warnings('mount-target-nested', 'Agent', mounts(Mount.volume('a', '/edited'), Mount.tmpfs('/edited/cache'))),
  ...errors('mount-source-spelling', 'Agent', bind('$HOME/x'), bind('/srv/a/../b'), bind('~other/x')),
  ...errors(
    'mount-source-forbidden',
    'Agent',
    bind('/var/run/docker.sock'),
    bind('//run/./podman/podman.sock'),
    bind('~/.ssh'),
    bind('/'),
    bind('/proc/1/root'),
    bind('/etc/app', false),
    bind('.env'),
  ),
  ...errors('mount-source-forbidden', 'Sidecars', sidecars({ mounts: [Mount.bind('/run/docker.sock', '/edited')] })),
  ...errors('mount-project', 'Agent', bind('..'), bind('.', false), bind('.git/hooks', false), bind('test', false)),
  ...errors('mount-nested', 'Agent', mounts(Mount.bind('edit', '/edited', writable), Mount.bind('edit/in', '/inner'))),
  ...errors(
    'mount-build-context',
    'Agent',
    both(agent({ image: Image.build('edit/image') }), mounts(Mount.bind('edit', '/edited', writable))),
  ),
  ...errors('mount-key', 'Agent', both(remote({ identityFile: 'edit/keys/id' }), bind('edit'))),
  ...errors('mount-key', 'Sidecars', both(sidecars({ trustedCAs: ['edit/ca.pem'] }), bind('edit', false))),
  ...errors(
    'mount-shared-source',
    'Sidecars',
    bothMount(Mount.bind('edit', '/edited', writable), Mount.bind('edit', '/edited')),
  ),
];

/** Without what is refused beside a writable workspace. */
const bound: ReturnType<typeof agent> = {
  name: 'a writable workspace of the host',
  edit: (recipe) => ({ ...recipe, workspace: 'bind', agent: {}, acknowledges: false }),
};

const CODE: readonly BadDefinition[] = [
  ...errors('workspace-remote', 'Agent', workspace(Workspace.clone('missing'))),
  ...errors('workspace-name', 'Agent', workspace(Workspace.copy('.')), workspace(Workspace.bind('../a:b'))),
  ...errors('workspace-runtime', 'Agent', workspace(Workspace.bind('../edited'), { runtime: 'runsc' })),
  ...errors(
    'workspace-system-writable',
    'Agent',
    workspace(Workspace.bind('../edited'), { readOnlyRoot: false }),
    both(bound, mounts(Mount.volume('libs', '/usr/local'))),
  ),
  ...warnings('workspace-bind', 'Agent', bound),
  ...errors('mount-source-forbidden', 'Agent', workspace(Workspace.copy('~/.aws'))),
  ...errors('mount-project', 'Agent', workspace(Workspace.bind('../..'))),
  ...errors('skill-name', 'Agent', agent({ skills: ['skills/Review'] }), agent({ skills: ['..'] })),
  ...errors('skill-name-unique', 'Agent', agent({ skills: ['skills/review', 'other/review/'] })),
  ...errors('skill-source', 'Agent', agent({ skills: ['~/.ssh'] }), agent({ skills: ['$HOME/skills/a'] })),
  ...errors('skill-writable', 'Agent', both(agent({ skills: ['edit/skills/a'] }), bind('edit', false))),
  ...errors('prompt-text', 'Agent', agent({ prompt: ' \n' }), agent({ prompt: 'a \u001b[2Jtrick' })),
  ...errors('prompt-size', 'Agent', agent({ prompt: 'x'.repeat(100_001) }, 'prompt of 100,001 bytes')),
  ...errors('prompt-secret', 'Agent', agent({ prompt: `use ${TOKEN}` })),
];

const CONTAINER: readonly BadDefinition[] = [
  ...errors('image-reference', 'Agent', agent({ image: Image.from('https://registry.example.com/agent') })),
  ...errors('image-reference', 'Sidecars', sidecars({ image: Image.from('-x') })),
  ...warnings('image-floating', 'Agent', agent({ image: Image.from('registry.example.com/agent:latest') })),
  ...errors('image-digest', 'Agent', {
    ...agent({ image: Image.from('agent:1.2') }),
    context: { requireDigests: true },
  }),
  ...errors(
    'image-build',
    'Agent',
    agent({ image: Image.build('https://example.org/x.git') }),
    agent({ image: Image.build('image', { dockerfile: '../Dockerfile' }) }),
    agent({ image: Image.build('image', { args: { NPM_TOKEN: 'abc' } }) }),
  ),
  ...errors('image-claude-code', 'Agent', agent({ image: AgentImage.claudeCode({ version: 'latest' }) })),
  ...errors('image-claude-code', 'Sidecars', sidecars({ image: AgentImage.claudeCode() })),
  ...errors('agent-user', 'Agent', agent({ user: '$USER' }), agent({ user: 'a b' })),
  ...warnings('agent-root', 'Agent', agent({ user: '0:0' })),
  ...warnings('agent-writable-root', 'Agent', instead(agent({ readOnlyRoot: false }))),
  ...errors('agent-runtime', 'Agent', agent({ runtime: '--runtime=x' }), agent({ runtime: 'nvidia' })),
  ...errors('agent-command', 'Agent', agent({ command: [] }), agent({ command: ['x', `--token=${TOKEN}`] })),
  ...errors('limit-memory', 'Agent', agent({ resources: { memory: '1m' } })),
  ...errors('limit-memory', 'Sidecars', sidecars({ resources: { memory: '64m' } })),
  ...errors('limit-cpus', 'Agent', agent({ resources: { cpus: 0 } })),
  ...errors('limit-pids', 'Agent', agent({ resources: { pids: -1 } })),
  ...errors('limit-tmpfs', 'Agent', mounts(Mount.tmpfs('/edited', { size: '0' }))),
  ...warnings('limit-tmpfs-memory', 'Agent', mounts(Mount.tmpfs('/edited', { size: '64g' }))),
];

export const BAD_AGENT_DEFINITIONS: readonly BadDefinition[] = [...ENV, ...MOUNTS, ...CODE, ...CONTAINER];
