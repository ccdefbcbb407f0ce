/** Edits that are bad on a sidecar. */

import { adds, type BadEdit, drops, maps, sets } from './bad-edit.ts';

const sidecars = 'sidecars' as const;
const PROXIES = ['HTTPS_PROXY', 'http_proxy', 'All_Proxy', 'no_proxy'];

const first =
  (change: object) =>
  (entry: unknown, index: number): unknown =>
    index === 0 ? { ...(entry as object), ...change } : entry;

export const BAD_SIDECAR_EDITS: readonly BadEdit[] = [
  sets(sidecars, 'networks', { internal: null, egress: null }, 'bottles::network-changed'),
  sets(sidecars, 'networks', { egress: null }, 'bottles::name-leads-elsewhere'),
  sets(
    sidecars,
    'networks',
    { internal: null, egress: { aliases: ['claude-bottle-egress-demo-abc12', 'listen-egress-demo-abc12'] } },
    'bottles::daemon-listens-elsewhere',
  ),
  sets(
    sidecars,
    'extra_hosts',
    ['claude-bottle-egress-demo-abc12:0.0.0.0', 'listen-egress-demo-abc12:0.0.0.0'],
    'bottles::daemon-listens-elsewhere',
  ),
  sets(sidecars, 'pid', 'service:agent', 'bottles::shared-namespace'),
  sets(sidecars, 'network_mode', 'service:agent', 'bottles::shared-namespace'),
  sets(sidecars, 'cap_add', ['SETUID', 'SETGID'], 'bottles::capability-set'),
  drops(sidecars, 'cap_add', 'bottles::capability-set'),
  sets(sidecars, 'user', '1000', 'bottles::sidecar-user'),
  sets(sidecars, 'group_add', ['docker'], 'bottles::sidecar-user'),
  sets(sidecars, 'umask', 0, 'bottles::sidecar-user'),
  sets(sidecars, 'read_only', false, 'bottles::writable-root'),
  drops(sidecars, 'read_only', 'bottles::writable-root'),
  sets(sidecars, 'command', ['sleep', 'infinity'], 'bottles::image-changed'),
  sets(sidecars, 'working_dir', '/git', 'bottles::image-changed'),
  sets(sidecars, 'init', true, 'bottles::image-changed'),
  sets(sidecars, 'tty', true, 'bottles::image-changed'),
  sets(sidecars, 'stdin_open', true, 'bottles::image-changed'),
  drops(sidecars, 'healthcheck', 'bottles::health-changed'),
  sets(sidecars, 'healthcheck', { disable: true }, 'bottles::health-changed'),
  sets(sidecars, 'healthcheck', { test: ['CMD', 'true'] }, 'bottles::health-changed'),
  sets(sidecars, 'stop_grace_period', '3s', 'bottles::stop-grace'),
  sets(sidecars, 'stop_grace_period', '8s', 'bottles::stop-grace'),
  sets(sidecars, 'stop_grace_period', 'soon', 'bottles::stop-grace'),
  sets(sidecars, 'stop_signal', 'SIGKILL', 'bottles::stop-grace'),
  sets(sidecars, 'stop_signal', 'SIGUSR1', 'bottles::stop-grace'),
  sets(sidecars, 'expose', ['9099'], 'bottles::service-key'),
  ...PROXIES.map((name) =>
    adds(sidecars, 'environment', `${name}=http://proxy.example.org:3128`, 'bottles::proxy-on-sidecar'),
  ),
  adds(sidecars, 'environment', 'HTTPS_PROXY', 'bottles::proxy-on-sidecar'),
  adds(sidecars, 'environment', 'LD_PRELOAD=/data/x.so', 'bottles::sidecar-environment'),
  adds(sidecars, 'environment', 'CLAUDE_BOTTLE_SIDECAR_DAEMONS=pipelock', 'bottles::sidecar-environment'),
  adds(sidecars, 'environment', 'EGRESS_UPSTREAM_PROXY=http://proxy.example.org', 'bottles::sidecar-environment'),
  drops(sidecars, 'environment', 'bottles::sidecar-environment'),
  maps(sidecars, 'volumes', 'the policy can be written', first({ read_only: false }), 'bottles::mount-changed'),
  maps(sidecars, 'volumes', 'the policy from elsewhere', first({ source: '/srv/policy' }), 'bottles::mount-changed'),
  maps(
    sidecars,
    'volumes',
    'a shared propagation',
    first({ bind: { create_host_path: false, propagation: 'shared' } }),
    'bottles::mount-changed',
  ),
  maps(
    sidecars,
    'volumes',
    'a relabelled source',
    first({ bind: { create_host_path: false, selinux: 'Z' } }),
    'bottles::mount-changed',
  ),
  adds(
    sidecars,
    'volumes',
    { type: 'bind', source: '/srv/data', target: '/etc/egress/routes.yaml' },
    'bottles::mount-shadows',
  ),
  adds(sidecars, 'volumes', { type: 'bind', source: '/srv/data', target: '/usr/local/bin' }, 'bottles::mount-shadows'),
  adds(sidecars, 'tmpfs', '/etc/claude-bottle/trust/x', 'bottles::mount-shadows'),
  adds(sidecars, 'volumes', { type: 'volume', source: 'workspace', target: '/data' }, 'bottles::mount-shared'),
  maps(sidecars, 'tmpfs', 'larger', (entry) => `${String(entry)},size=4g`, 'bottles::mount-changed'),
];
