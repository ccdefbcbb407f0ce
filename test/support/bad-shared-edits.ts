/** Edits that are bad on either service. */

import { adds, type BadEdit, drops, sets } from './bad-edit.ts';

type On = BadEdit['on'];

const hardening = (on: On): readonly BadEdit[] => [
  sets(on, 'privileged', true, 'bottles::privileged'),
  sets(on, 'privileged', 'true', 'bottles::privileged'),
  sets(on, 'network_mode', 'host', 'bottles::shared-namespace'),
  sets(on, 'network_mode', 'bridge', 'bottles::shared-namespace'),
  sets(on, 'network_mode', 'container:other', 'bottles::shared-namespace'),
  sets(on, 'network_mode', 'none', 'bottles::shared-namespace'),
  sets(on, 'pid', 'host', 'bottles::shared-namespace'),
  sets(on, 'ipc', 'host', 'bottles::shared-namespace'),
  sets(on, 'ipc', 'shareable', 'bottles::shared-namespace'),
  sets(on, 'uts', 'host', 'bottles::shared-namespace'),
  sets(on, 'userns_mode', 'host', 'bottles::shared-namespace'),
  sets(on, 'cgroup', 'host', 'bottles::shared-namespace'),
  sets(on, 'cgroup_parent', '/', 'bottles::shared-namespace'),
  adds(on, 'cap_add', 'NET_ADMIN', 'bottles::capability-set'),
  adds(on, 'cap_add', 'cap_sys_admin', 'bottles::capability-set'),
  adds(on, 'cap_add', 'DAC_READ_SEARCH', 'bottles::capability-dac-read-search'),
  adds(on, 'cap_add', 'CAP_DAC_READ_SEARCH', 'bottles::capability-dac-read-search'),
  sets(on, 'cap_add', ['ALL'], 'bottles::capability-dac-read-search'),
  drops(on, 'cap_drop', 'bottles::capability-kept'),
  sets(on, 'cap_drop', ['NET_RAW'], 'bottles::capability-kept'),
  drops(on, 'security_opt', 'bottles::new-privileges'),
  sets(on, 'security_opt', ['no-new-privileges:false'], 'bottles::new-privileges'),
  adds(on, 'security_opt', 'no-new-privileges=false', 'bottles::new-privileges'),
  adds(on, 'security_opt', 'seccomp:unconfined', 'bottles::security-profile'),
  adds(on, 'security_opt', 'seccomp=./loose.json', 'bottles::security-profile'),
  adds(on, 'security_opt', 'apparmor=unconfined', 'bottles::security-profile'),
  adds(on, 'security_opt', 'systempaths=unconfined', 'bottles::security-profile'),
  adds(on, 'security_opt', 'label:disable', 'bottles::security-profile'),
  adds(on, 'security_opt', 'label:type:spc_t', 'bottles::security-profile'),
  sets(on, 'devices', ['/dev/kvm:/dev/kvm'], 'bottles::device-access'),
  sets(on, 'device_cgroup_rules', ['a *:* rwm'], 'bottles::device-access'),
  sets(on, 'gpus', 'all', 'bottles::device-access'),
  sets(on, 'sysctls', { 'net.ipv4.ip_forward': '1' }, 'bottles::kernel-setting'),
  sets(on, 'ports', ['8080:8080'], 'bottles::published-port'),
  sets(on, 'ports', [{ target: 9099, published: '9099', host_ip: '127.0.0.1' }], 'bottles::published-port'),
];

const identity = (on: On): readonly BadEdit[] => [
  sets(on, 'container_name', 'claude-bottle-other', 'bottles::name-changed'),
  sets(on, 'hostname', 'egress', 'bottles::name-changed'),
  sets(on, 'domainname', 'example.org', 'bottles::name-changed'),
  sets(on, 'networks', ['internal', 'egress', 'default'], 'bottles::network-changed'),
  drops(on, 'networks', 'bottles::network-changed'),
  sets(on, 'links', ['agent:egress'], 'bottles::network-changed'),
  sets(on, 'external_links', ['claude-bottle-other:egress'], 'bottles::network-changed'),
  sets(on, 'mac_address', '02:42:ac:11:00:02', 'bottles::network-changed'),
  sets(on, 'dns', ['198.51.100.53'], 'bottles::resolution-changed'),
  sets(on, 'dns_opt', ['ndots:5'], 'bottles::resolution-changed'),
  sets(on, 'dns_search', ['example.org'], 'bottles::resolution-changed'),
  sets(on, 'extra_hosts', { 'host.docker.internal': 'host-gateway' }, 'bottles::resolution-changed'),
  sets(on, 'image', 'registry.example.org/other:1', 'bottles::image-changed'),
  sets(on, 'build', '.', 'bottles::image-changed'),
  sets(on, 'platform', 'linux/arm64', 'bottles::image-changed'),
  sets(on, 'pull_policy', 'always', 'bottles::image-changed'),
  sets(on, 'pull_refresh_after', '1h', 'bottles::image-changed'),
  sets(on, 'entrypoint', ['/bin/sh', '-c', 'true'], 'bottles::image-changed'),
  sets(on, 'runtime', 'crun', 'bottles::container-runtime-changed'),
  sets(on, 'depends_on', {}, 'bottles::health-changed'),
  sets(on, 'labels', { 'claude-bottle.slug': 'other' }, 'bottles::label-reserved'),
  sets(on, 'labels', ['com.docker.compose.project=other'], 'bottles::label-reserved'),
  drops(on, 'labels', 'bottles::label-reserved'),
];

const volume = (source: string, target: string, more: object = {}): object => ({
  type: 'bind',
  source,
  target,
  ...more,
});

const mounts = (on: On): readonly BadEdit[] => [
  adds(on, 'volumes', volume('/srv/data', '/data'), 'bottles::mount-undeclared'),
  adds(on, 'volumes', './data:/data', 'bottles::mount-undeclared'),
  adds(on, 'volumes', { type: 'volume', source: 'cache', target: '/cache' }, 'bottles::mount-undeclared'),
  adds(on, 'volumes', '/anonymous', 'bottles::mount-undeclared'),
  adds(
    on,
    'volumes',
    { type: 'npipe', source: '\\\\.\\pipe\\docker_engine', target: '/x' },
    'bottles::mount-undeclared',
  ),
  adds(on, 'volumes', { type: 'image', source: 'other', target: '/image' }, 'bottles::mount-undeclared'),
  adds(on, 'volumes', volume('/srv/data', '/data', { bind: { propagation: 'rshared' } }), 'bottles::mount-undeclared'),
  adds(on, 'volumes', '/var/run/docker.sock:/var/run/docker.sock', 'bottles::mount-host'),
  adds(on, 'volumes', volume('/run/./podman/podman.sock', '/data/s'), 'bottles::mount-host'),
  adds(on, 'volumes', volume('/', '/host', { read_only: true }), 'bottles::mount-host'),
  adds(on, 'volumes', volume('~/.ssh', '/keys'), 'bottles::mount-host'),
  adds(on, 'volumes', volume('/proc', '/host-proc'), 'bottles::mount-host'),
  adds(on, 'tmpfs', '/data', 'bottles::mount-undeclared'),
  drops(on, 'volumes', 'bottles::mount-dropped'),
  drops(on, 'tmpfs', 'bottles::mount-dropped'),
];

const limits = (on: On): readonly BadEdit[] => [
  drops(on, 'mem_limit', 'bottles::limit-lifted'),
  sets(on, 'mem_limit', 0, 'bottles::limit-lifted'),
  sets(on, 'mem_limit', '1k', 'bottles::limit-lifted'),
  drops(on, 'pids_limit', 'bottles::limit-lifted'),
  sets(on, 'pids_limit', -1, 'bottles::limit-lifted'),
  sets(on, 'pids_limit', 'many', 'bottles::limit-lifted'),
  sets(on, 'cpus', 0, 'bottles::limit-lifted'),
  sets(on, 'oom_kill_disable', true, 'bottles::limit-lifted'),
  sets(on, 'cpu_rt_runtime', '950ms', 'bottles::limit-lifted'),
  sets(on, 'memswap_limit', -1, 'bottles::limit-lifted'),
  sets(on, 'memswap_limit', '900g', 'bottles::limit-lifted'),
  sets(on, 'memswap_limit', '128m', 'bottles::limit-lifted'),
  sets(on, 'stop_grace_period', '9999h', 'bottles::stop-grace'),
  sets(on, 'oom_score_adj', -1000, 'bottles::limit-lifted'),
  drops(on, 'restart', 'bottles::restart-policy'),
  sets(on, 'restart', 'always', 'bottles::restart-policy'),
  sets(on, 'restart', 'no', 'bottles::restart-policy'),
  drops(on, 'logging', 'bottles::log-rotation'),
  sets(on, 'logging', { driver: 'json-file' }, 'bottles::log-rotation'),
  sets(
    on,
    'logging',
    { driver: 'syslog', options: { 'syslog-address': 'tcp://198.51.100.1' } },
    'bottles::log-rotation',
  ),
  sets(
    on,
    'logging',
    { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3', env: 'EGRESS_TOKEN_0' } },
    'bottles::log-rotation',
  ),
];

/** One of each key that no rule of its own refuses. */
const REFUSED: Readonly<Record<string, unknown>> = {
  annotations: { 'run.oci.hooks.stderr': '/dev/stderr' },
  blkio_config: { weight: 10 },
  configs: ['settings'],
  credential_spec: { file: 'x.json' },
  deploy: { resources: { limits: { memory: '64g' } } },
  develop: { watch: [] },
  env_file: ['.env'],
  extends: { file: 'other.yaml', service: 'other' },
  isolation: 'process',
  label_file: 'labels',
  models: ['model'],
  profiles: ['never'],
  provider: { type: 'program' },
  scale: 0,
  secrets: ['token'],
  storage_opt: { size: '1g' },
  use_api_socket: true,
  volumes_from: ['sidecars'],
  a_key_of_next_year: true,
};

const keys = (on: On): readonly BadEdit[] => [
  sets(on, '<<', { privileged: true }, 'bottles::service-key'),
  sets(on, 'x-note', { '<<': { a: 1 } }, 'bottles::service-key'),
  ...Object.entries(REFUSED).map(([key, value]) => sets(on, key, value, 'bottles::service-key')),
  sets(on, 'post_start', [{ command: ['true'], user: 'root', privileged: true }], 'bottles::service-hook'),
  sets(on, 'pre_start', [{ command: ['true'] }], 'bottles::service-hook'),
  sets(on, 'pre_stop', [{ command: ['true'] }], 'bottles::service-hook'),
];

const texts = (on: On): readonly BadEdit[] => [
  sets(on, 'x-note', '${GH_TOKEN}', 'bottles::interpolated-text'),
  sets(on, 'x-note', '$HOME/x', 'bottles::interpolated-text'),
  sets(on, 'x-note', `ghp_${'a'.repeat(36)}`, 'bottles::document-secret', 'x-note with a GitHub token'),
  sets(on, 'environment', ['EGRESS_TOKEN_7'], 'bottles::token-misplaced'),
  adds(on, 'environment', 'EGRESS_TOKEN_0=value', 'bottles::token-misplaced'),
  sets(on, 'cpu_shares', { a: 1 }, 'bottles::compose-schema'),
  sets(on, 'ulimits', { nofile: { soft: true } }, 'bottles::compose-schema'),
  sets(on, 'mem_swappiness', [60], 'bottles::compose-schema'),
];

const of = (on: On): readonly BadEdit[] =>
  [hardening, identity, mounts, limits, keys, texts].flatMap((family) => family(on));

export const BAD_SHARED_EDITS: readonly BadEdit[] = [...of('agent'), ...of('sidecars')];
