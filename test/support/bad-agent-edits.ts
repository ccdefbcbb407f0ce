/** Edits that are bad on the agent. */

import { adds, type BadEdit, maps, sets } from './bad-edit.ts';

const agent = 'agent' as const;

const without =
  (name: string) =>
  (entry: unknown): unknown =>
    typeof entry === 'string' && entry.startsWith(`${name}=`) ? `OTHER_${entry}` : entry;

const bind = (target: string): object => ({ type: 'bind', source: '/srv/data', target });

export const BAD_AGENT_EDITS: readonly BadEdit[] = [
  sets(agent, 'networks', { internal: null, egress: null }, 'bottles::agent-reaches-internet'),
  sets(agent, 'networks', { egress: null }, 'bottles::agent-reaches-host'),
  sets(agent, 'networks', ['internal', 'default'], 'bottles::agent-reaches-internet'),
  sets(agent, 'networks', { internal: { aliases: ['egress'] } }, 'bottles::name-leads-elsewhere'),
  sets(
    agent,
    'networks',
    { internal: { aliases: ['claude-bottle-pipelock-demo-abc12'] } },
    'bottles::name-leads-elsewhere',
  ),
  sets(agent, 'networks', { internal: { ipv4_address: '10.0.0.9' } }, 'bottles::network-changed'),
  sets(agent, 'networks', { internal: { driver_opts: { x: 'y' } } }, 'bottles::network-changed'),
  sets(
    agent,
    'network_mode',
    'host',
    'bottles::agent-reaches-neighbours',
    'the network of the host, and with it neighbours',
  ),
  sets(
    agent,
    'network_mode',
    'host',
    'bottles::agent-reaches-inner-hop',
    'the network of the host, and with it pipelock',
  ),
  sets(agent, 'pid', 'host', 'bottles::agent-reaches-host', 'the processes of the host'),
  sets(agent, 'user', 'root', 'bottles::agent-made-root'),
  sets(agent, 'user', '0:1000', 'bottles::agent-made-root'),
  sets(agent, 'user', '00', 'bottles::agent-made-root'),
  sets(agent, 'read_only', false, 'bottles::writable-root'),
  sets(agent, 'healthcheck', { test: ['CMD', 'true'], interval: '9999h' }, 'bottles::health-late'),
  sets(agent, 'healthcheck', { test: ['CMD', 'true'], timeout: '2m' }, 'bottles::health-late'),
  sets(agent, 'healthcheck', { test: ['CMD', 'true'], start_period: '9999h' }, 'bottles::health-late'),
  sets(agent, 'stop_grace_period', 'soon', 'bottles::stop-grace'),
  maps(agent, 'environment', 'another HTTPS_PROXY', without('HTTPS_PROXY'), 'bottles::agent-variable-ours'),
  maps(agent, 'environment', 'no http_proxy', without('http_proxy'), 'bottles::agent-variable-ours'),
  maps(agent, 'environment', 'no SSL_CERT_FILE', without('SSL_CERT_FILE'), 'bottles::agent-variable-ours'),
  adds(agent, 'environment', 'HTTPS_PROXY=http://proxy.example.org:3128', 'bottles::agent-variable-ours'),
  adds(agent, 'environment', 'All_Proxy=socks5://proxy.example.org', 'bottles::agent-variable-ours'),
  adds(agent, 'environment', 'NODE_EXTRA_CA_CERTS=/tmp/ca.pem', 'bottles::agent-variable-ours'),
  adds(agent, 'environment', 'GIT_CONFIG_SYSTEM=/tmp/gitconfig', 'bottles::agent-variable-ours'),
  sets(agent, 'environment', { EDITOR: 'vim' }, 'bottles::agent-variable-ours'),
  adds(agent, 'environment', 'FOO=${EGRESS_TOKEN_0}', 'bottles::token-misplaced'),
  adds(agent, 'environment', 'FOO=a${LANG}', 'bottles::interpolated-text'),
  adds(agent, 'environment', 'FOO=${LANG:-C}', 'bottles::interpolated-text'),
  adds(agent, 'environment', 'DB_PASSWORD=hunter2', 'bottles::agent-variable'),
  adds(agent, 'environment', 'URL=postgres://me:hunter2@db.example.org/x', 'bottles::agent-variable'),
  adds(agent, 'environment', '1X=y', 'bottles::agent-variable'),
  adds(agent, 'environment', 'DEPLOY_TOKEN', 'bottles::agent-variable-credential'),
  adds(agent, 'volumes', bind('/opt/claude-bottle'), 'bottles::mount-shadows'),
  adds(agent, 'volumes', bind('/opt/claude-bottle/ca-bundle.pem'), 'bottles::mount-shadows'),
  adds(agent, 'volumes', bind('/opt//claude-bottle/x'), 'bottles::mount-shadows'),
  adds(agent, 'volumes', bind('/etc/hosts'), 'bottles::mount-shadows'),
  adds(agent, 'volumes', bind('/'), 'bottles::mount-shadows'),
  adds(agent, 'tmpfs', '/opt/claude-bottle/bin', 'bottles::mount-shadows'),
  adds(agent, 'volumes', { type: 'bind', source: './queue', target: '/data/queue' }, 'bottles::mount-undeclared'),
  adds(agent, 'volumes', { type: 'bind', source: './events', target: '/data/events' }, 'bottles::mount-shared'),
  adds(agent, 'volumes', './events/.:/data/events:ro', 'bottles::mount-shared'),
  adds(
    agent,
    'volumes',
    { type: 'bind', source: './secrets', target: '/data/keys', read_only: true },
    'bottles::mount-undeclared',
  ),
  maps(
    agent,
    'volumes',
    'the first can be written',
    (entry, index) => (index === 0 ? { ...(entry as object), read_only: false } : entry),
    'bottles::mount-changed',
  ),
  maps(
    agent,
    'volumes',
    'the first from elsewhere',
    (entry, index) => (index === 0 ? { ...(entry as object), source: '/srv/x' } : entry),
    'bottles::mount-changed',
  ),
  maps(agent, 'tmpfs', 'with suid', (entry) => `${String(entry)},suid`, 'bottles::mount-changed'),
];
