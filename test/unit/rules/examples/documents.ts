import { agent, bottle, routes, sidecars } from '../pages/snippets.ts';
import type { RuleExample, RuleExamples } from './example.ts';

const PLAIN = bottle('{}', '{}');

/** A bottle, and calls on one of its services. */
const calls = (sidecarProps: string, ...given: readonly string[]): string =>
  `const demo = ${bottle('{}', sidecarProps)}\n\n${given.map((call) => `demo.${call};`).join('\n')}`;

const overrides = (on: 'agent' | 'sidecars', key: string, value: string, sidecarProps = '{}'): string =>
  calls(sidecarProps, `${on}.addOverride('${key}', ${value})`);

const patches = (on: 'agent' | 'sidecars', list: string, value: string, sidecarProps = '{}'): string =>
  calls(sidecarProps, `${on}.addJsonPatch({ op: 'add', path: '/${list}/-', value: ${value} })`);

const mended = (failing: string, instead = PLAIN): RuleExample => ({ failing, mended: instead });

const EGRESS = "{ egress: { routes: [Route.to('docs.example.org')] } }";
const ROUTE = routes("'docs.example.org'");
const WITH_TOKEN =
  "{ egress: { routes: [Route.to('api.github.com', { auth: Auth.bearer(HostEnv.of('GH_TOKEN')) })] } }";
const NO_TOP_LEVEL = 'overrides change services, and nothing else of the compose file';

export const REACH_EXAMPLES: RuleExamples = {
  'bottles::agent-reaches-internet': mended(overrides('agent', 'networks.egress', '{}'), ROUTE),
  'bottles::agent-reaches-host': mended(overrides('agent', 'network_mode', "'bridge'"), ROUTE),
  'bottles::agent-reaches-neighbours': mended(
    overrides('agent', 'network_mode', "'container:claude-bottle-other'"),
    ROUTE,
  ),
  'bottles::agent-reaches-inner-hop': mended(
    overrides('agent', 'network_mode', "'service:sidecars'", EGRESS),
    bottle('{}', "{ egress: { routes: [Route.to('docs.example.org')] }, pipelock: { exposed: true } }"),
  ),
  'bottles::daemon-listens-elsewhere': mended(
    overrides('sidecars', 'networks.egress', "{ aliases: ['claude-bottle-egress-demo'] }", EGRESS),
    ROUTE,
  ),
  'bottles::name-leads-elsewhere': mended(
    overrides('agent', 'networks.internal', "{ aliases: ['egress'] }", EGRESS),
    ROUTE,
  ),
};

export const PRIVILEGE_EXAMPLES: RuleExamples = {
  'bottles::privileged': mended(overrides('agent', 'privileged', 'true')),
  'bottles::shared-namespace': mended(overrides('agent', 'pid', "'host'")),
  'bottles::capability-dac-read-search': mended(patches('sidecars', 'cap_add', "'DAC_READ_SEARCH'")),
  'bottles::capability-set': mended(overrides('agent', 'cap_add', "['NET_RAW']")),
  'bottles::capability-kept': mended(overrides('agent', 'cap_drop', "['MKNOD']")),
  'bottles::new-privileges': mended(overrides('agent', 'security_opt', "['no-new-privileges:false']")),
  'bottles::security-profile': mended(
    patches('agent', 'security_opt', "'seccomp:unconfined'"),
    patches('agent', 'security_opt', "'apparmor:claude-bottle-agent'"),
  ),
  'bottles::device-access': mended(overrides('agent', 'devices', "['/dev/kvm']")),
  'bottles::kernel-setting': mended(overrides('agent', 'sysctls', "{ 'net.ipv4.ip_forward': '1' }")),
  'bottles::published-port': mended(overrides('agent', 'ports', "['3000:3000']")),
  'bottles::agent-made-root': mended(overrides('agent', 'user', "'root'"), agent("user: 'agent'")),
  'bottles::sidecar-user': mended(overrides('sidecars', 'user', "'1000'")),
  'bottles::writable-root': mended(overrides('agent', 'read_only', 'false'), agent('readOnlyRoot: false')),
};

export const IDENTITY_EXAMPLES: RuleExamples = {
  'bottles::document-identity': { unbreakable: NO_TOP_LEVEL },
  'bottles::name-changed': mended(
    overrides('agent', 'container_name', "'my-agent'"),
    "new Bottle(app, 'demo', { slug: 'my-agent', agent: {}, sidecars: {} });",
  ),
  'bottles::network-changed': mended(
    overrides('sidecars', 'networks.corporate', '{}'),
    sidecars("egressNetwork: Network.external('corporate')"),
  ),
  'bottles::resolution-changed': mended(overrides('agent', 'extra_hosts', "['docs.example.org:192.0.2.7']"), ROUTE),
  'bottles::image-changed': mended(
    overrides('agent', 'image', "'registry.example.com/agent:1.2'"),
    agent("image: Image.from('registry.example.com/agent:1.2')"),
  ),
  'bottles::health-changed': mended(overrides('sidecars', 'healthcheck.interval', "'30s'")),
  'bottles::container-runtime-changed': mended(overrides('agent', 'runtime', "'runsc'"), agent("runtime: 'runsc'")),
  'bottles::label-reserved': {
    unbreakable: 'an override of such a label is refused before, as `bottles::override-reserved-label`',
  },
  'bottles::document-key': { unbreakable: NO_TOP_LEVEL },
  'bottles::network-options': { unbreakable: NO_TOP_LEVEL },
  'bottles::volume-options': { unbreakable: NO_TOP_LEVEL },
};

export const ENVIRONMENT_EXAMPLES: RuleExamples = {
  'bottles::token-misplaced': mended(
    patches('agent', 'environment', "'EGRESS_TOKEN_0'", WITH_TOKEN),
    bottle('{}', WITH_TOKEN),
  ),
  'bottles::proxy-on-sidecar': mended(
    patches('sidecars', 'environment', "'https_proxy=http://proxy.example.com:3128'"),
  ),
  'bottles::sidecar-environment': mended(
    patches('sidecars', 'environment', "'LANG=C.UTF-8'"),
    sidecars("env: { LANG: 'C.UTF-8' }"),
  ),
  'bottles::agent-variable-ours': mended(
    patches('agent', 'environment', "'NODE_EXTRA_CA_CERTS=/data/ca.pem'"),
    sidecars("trustedCAs: ['certs/corp-ca.pem']"),
  ),
  'bottles::agent-variable': mended(
    patches('agent', 'environment', "'DATABASE_URL=postgres://app:hunter2@db.example.com/app'"),
    agent("env: { DATABASE_URL: EnvValue.fromHost('DATABASE_URL') }"),
  ),
  'bottles::agent-variable-credential': mended(
    patches('agent', 'environment', "'GH_TOKEN'"),
    routes("'api.github.com', { auth: Auth.bearer(HostEnv.of('GH_TOKEN')) }"),
  ),
  'bottles::interpolated-text': {
    unbreakable: 'every `$` in the value of an override is written for compose as a dollar sign',
  },
  'bottles::document-secret': mended(
    overrides('agent', 'x-note', "'mail me at https://me:hunter2@mail.example.com'"),
    overrides('agent', 'x-note', "'ask the platform team'"),
  ),
};

const DATA = "{ type: 'bind', source: '/srv/data', target: '/data', read_only: true }";
const ENTRYPOINT = "{ type: 'bind', source: '/srv/data', target: '/opt/claude-bottle/entrypoint.sh' }";
const SOCKET = "'/var/run/docker.sock:/var/run/docker.sock'";

export const DOCUMENT_MOUNT_EXAMPLES: RuleExamples = {
  'bottles::mount-undeclared': mended(
    patches('agent', 'volumes', DATA),
    agent("mounts: [Mount.bind('/srv/data', '/data', { readOnly: true })]"),
  ),
  'bottles::mount-changed': mended(overrides('sidecars', 'volumes.0.read_only', 'false')),
  'bottles::mount-dropped': mended(calls('{}', "agent.addDeletionOverride('volumes')")),
  'bottles::mount-shadows': mended(
    patches('agent', 'volumes', ENTRYPOINT),
    agent("mounts: [Mount.bind('/srv/data', '/data', { readOnly: true })]"),
  ),
  'bottles::mount-host': mended(patches('agent', 'volumes', SOCKET)),
  'bottles::mount-shared': mended(
    patches('agent', 'volumes', "{ type: 'bind', source: './events', target: '/data/events' }"),
  ),
};

export const DOCUMENT_LIMIT_EXAMPLES: RuleExamples = {
  'bottles::limit-lifted': mended(overrides('agent', 'pids_limit', '-1'), agent('resources: { pids: 4096 }')),
  'bottles::stop-grace': mended(
    overrides('sidecars', 'stop_grace_period', "'3s'"),
    overrides('sidecars', 'stop_grace_period', "'15s'"),
  ),
  'bottles::health-late': mended(
    overrides('agent', 'healthcheck', "{ test: ['CMD', 'true'], interval: '9999h' }"),
    overrides('agent', 'healthcheck', "{ test: ['CMD', 'true'], interval: '10s' }"),
  ),
  'bottles::restart-policy': mended(overrides('agent', 'restart', "'always'")),
  'bottles::log-rotation': mended(
    overrides('agent', 'logging', "{ driver: 'journald' }"),
    overrides('agent', 'logging', "{ driver: 'local', options: { 'max-size': '50m', 'max-file': '2' } }"),
  ),
};

export const KEY_EXAMPLES: RuleExamples = {
  'bottles::service-key': mended(overrides('agent', 'env_file', "['.env']"), agent("env: { EDITOR: 'vim' }")),
  'bottles::service-hook': mended(
    overrides('agent', 'post_start', "[{ command: ['chown', '-R', '1000', '/data'], user: 'root' }]"),
    agent("command: ['sleep', 'infinity']"),
  ),
  'bottles::compose-schema': mended(
    overrides('agent', 'shm_size', "{ size: '1g' }"),
    overrides('agent', 'shm_size', "'1g'"),
  ),
};
