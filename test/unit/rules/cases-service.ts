/** For each rule: definitions that break it, and the nearest ones that do not. Git and environment. */

import { type App, Auth, EnvValue, HostEnv, Image, Route, Workspace } from 'claude-bottle';
import type { RuleCase } from './cases-network.ts';
import { appOf, bearer, hostKey, remote, withAgent, withRemotes, withRoute, withSidecars } from './definition.ts';

type Env = Readonly<Record<string, string | EnvValue>>;

const agentEnv = (env: Env): App => withAgent({ env });
const bundleEnv = (env: Env): App => withSidecars({ env });
/** Beside a route whose credential is API_TOKEN. */
const besideRoute = (agent: Env, bundle: Env = {}): App =>
  appOf(
    { env: agent },
    { env: bundle, egress: { routes: [Route.to('a.example.org', { auth: bearer('API_TOKEN') })] } },
  );
const hostEnv = (name: string): App => withRoute('a.example.org', { auth: Auth.bearer(HostEnv.of(name)) });

const url = (text: string): App => withRemotes(remote({}, 'app', text));
const named = (...names: string[]): App =>
  withRemotes(...names.map((name, index) => remote({}, name, `ssh://git@git.example.org/acme/${index}.git`)));
const knownHostKey = (key: string): App => withRemotes(remote({ knownHostKey: key }));
/** As generators of passwords make them. */
const RANDOM = 'q7Zr0pVx9KtB3mWnE5sYhL2c';
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'Http_Proxy', 'ALL_PROXY', 'no_proxy', 'No_Proxy'];

export const SERVICE_CASES: Readonly<Record<string, RuleCase>> = {
  'bottles::git-name': {
    fires: ['a/b', '..', '.git', 'app.git', '-app', 'a b', 'app.lock', 'a..b', 'ü', 'a'.repeat(64)].map((name) =>
      named(name),
    ),
    quiet: [named('app'), named('App_2.x')],
  },
  'bottles::git-name-unique': { fires: [named('app', 'App')], quiet: [named('app', 'lib')] },
  'bottles::git-url': {
    fires: [
      'https://git.example.org/acme/app.git',
      'git://git.example.org/acme/app.git',
      'file:///srv/git/app.git',
      'ext::sh -c id',
      'ssh://git:hunter2@git.example.org/acme/app.git',
      'ssh://git.example.org/acme/app.git',
      'ssh://git@git.example.org:0/app.git',
      'ssh://git@git.example.org',
      'ssh://-oProxyCommand=id@git.example.org/app.git',
      'ssh://git@-oProxyCommand=id/app.git',
      'git@git.example.org:-x',
      'ssh://git@localhost/app.git',
      'ssh://git@169.254.169.254/app.git',
      'ssh://git@git.example.org/a/../b.git',
      'ssh://git@git.example.org/a;id',
      'ssh://git@git.example.org/$(id)',
      '/srv/git/app.git',
    ].map(url),
    quiet: [
      url('ssh://git@git.example.org/acme/app.git'),
      url('ssh://git@git.example.org:2222/acme/app.git'),
      url('git@git.example.org:acme/app.git'),
      url('ssh://git@10.0.0.5/~/app.git'),
    ],
  },
  'bottles::git-url-unique': {
    fires: [
      withRemotes(remote({}, 'a', 'ssh://git@git.example.org/x/app.git'), remote({}, 'b', 'git@GIT.example.org:x/app')),
    ],
    quiet: [named('a', 'b')],
  },
  'bottles::git-known-host-key': {
    fires: [
      'AAAAC3NzaC1lZDI1NTE5AAAAIA==',
      'ssh-ed25519 AAAA…',
      `git.example.org ${hostKey()}`,
      `${hostKey()} comment`,
      `${hostKey()}\nevil ${hostKey()}`,
      hostKey('ssh-ed25519', 36, 'ssh-rsa'),
      hostKey('ssh-ed25519', 20),
      hostKey('ssh-rsa', 100),
      hostKey('ssh-dss', 400),
      'ssh-ed25519 ',
    ].map(knownHostKey),
    quiet: [
      knownHostKey(hostKey()),
      knownHostKey(hostKey('ssh-rsa', 270)),
      knownHostKey(hostKey('ecdsa-sha2-nistp256', 81)),
    ],
  },
  'bottles::git-identity-file': {
    fires: ['~/.ssh/id_ed25519.pub', '-----BEGIN OPENSSH PRIVATE KEY-----\nabc', '$HOME/.ssh/id', '~other/id'].map(
      (identityFile) => withRemotes(remote({ identityFile })),
    ),
    quiet: [withRemotes(remote({ identityFile: '~/.ssh/id_ed25519' }))],
  },
  'bottles::git-patterns': {
    fires: [
      ...['', '/abs', 'a/../b', '!x', 'a//b', 'dir/'].map((path) => withRemotes(remote({ protectedPaths: [path] }))),
      withRemotes(remote({ branches: [] })),
      withRemotes(remote({ branches: ['/x'] })),
    ],
    quiet: [withRemotes(remote({ protectedPaths: ['.ci/**'], branches: ['agent/*'] })), withRemotes(remote())],
  },
  'bottles::git-unprotected': {
    fires: [withRemotes(remote({ protectedPaths: [] }))],
    quiet: [withRemotes(remote({ protectedPaths: [], access: 'read' })), withRemotes(remote())],
  },
  'bottles::workspace-remote': {
    fires: [
      withAgent({ workspace: Workspace.clone('app') }),
      appOf({ workspace: Workspace.clone('ap') }, { gitGate: { remotes: [remote()] } }),
    ],
    quiet: [appOf({ workspace: Workspace.clone('app') }, { gitGate: { remotes: [remote()] } }), withAgent({})],
  },
  'bottles::git-rewrite': {
    fires: [{ force: true }, { delete: true }, { force: true, delete: true, tags: true }].map((allow) =>
      withRemotes(remote({ allow })),
    ),
    quiet: [
      withRemotes(remote({ allow: { tags: true } })),
      withRemotes(remote({ access: 'read', allow: { force: true } })),
      withRemotes(remote()),
    ],
  },
  'bottles::git-default-branch': {
    fires: ['main', 'master', '*', '**', '**/main', 'ma*', 'm?in', 'tr**'].map((branch) =>
      withRemotes(remote({ branches: ['agent/*', branch] })),
    ),
    quiet: [
      withRemotes(remote({ branches: ['agent/*', 'agent/**', 'main/*', 'maint', 'x.ain', 'feature'] })),
      withRemotes(remote({ branches: ['main'], access: 'read' })),
      withRemotes(remote()),
    ],
  },
  'bottles::secret-entropy': {
    fires: [
      agentEnv({ NOTE: RANDOM }),
      agentEnv({ NOTE: `x=${RANDOM}` }),
      agentEnv({ NOTE: '9f86d081884c7d659a2feaa0c55ad015' }),
      bundleEnv({ LANG: RANDOM }),
      appOf({}, {}, { labels: { 'com.example.note': RANDOM } }),
      withAgent({ command: ['run', '--with', RANDOM] }),
      withAgent({ image: Image.build('image', { args: { NOTE: RANDOM } }) }),
      withSidecars({ image: Image.build('image', { args: { NOTE: RANDOM } }) }),
    ],
    quiet: [
      agentEnv({ NOTE: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' }),
      agentEnv({ NOTE: 'd9428888-122b-11e1-b85c-61cd3cbb3210' }),
      agentEnv({ NOTE: '/opt/tools/some-long-Path/with-Version-2/and/more' }),
      agentEnv({ NOTE: 'thisIsALongCamelCaseWordWithoutAnyNumber' }),
      agentEnv({ NOTE: '00000000000000000000000000000000' }),
      agentEnv({ NOTE: '--flag=one --other=two --third=three' }),
      agentEnv({ API_TOKEN: RANDOM }),
      agentEnv({ NOTE: EnvValue.fromHost('NOTE') }),
      withAgent({ command: ['sleep', 'infinity'] }),
    ],
  },
  'bottles::env-name': {
    fires: [
      agentEnv({ 'A-B': 'x' }),
      agentEnv({ '1A': 'x' }),
      bundleEnv({ 'A=B': 'x' }),
      agentEnv({ A: EnvValue.fromHost('a b') }),
      agentEnv({ 'A B': EnvValue.ask('Which?') }),
    ],
    quiet: [agentEnv({ _a1: 'x' })],
  },
  'bottles::env-value-text': {
    fires: [agentEnv({ A: 'x\ny' }), bundleEnv({ A: 'x\0' })],
    quiet: [agentEnv({ A: 'x y = $z' }), agentEnv({ A: '' })],
  },
  'bottles::env-proxy-on-bundle': {
    fires: PROXIES.flatMap((name) => [
      bundleEnv({ [name]: 'http://proxy.example.org:3128' }),
      bundleEnv({ [name]: EnvValue.fromHost('X') }),
      bundleEnv({ [name]: EnvValue.ask('Which?') }),
      bundleEnv({ [name]: '' }),
    ]),
    quiet: [bundleEnv({ LANG: 'C.UTF-8' }), agentEnv({ HTTPS_PROXY: 'x' })],
  },
  'bottles::env-proxy-on-agent': {
    fires: PROXIES.map((name) => agentEnv({ [name]: 'http://proxy.example.org:3128' })),
    quiet: [agentEnv({ MY_PROXY_NOTE: 'x' }), bundleEnv({ HTTPS_PROXY: 'x' })],
  },
  'bottles::env-token-name': {
    fires: [
      agentEnv({ EGRESS_TOKEN_0: 'x' }),
      agentEnv({ egress_token_9: 'x' }),
      agentEnv({ FOO: EnvValue.fromHost('EGRESS_TOKEN_0') }),
      bundleEnv({ EGRESS_TOKEN_0: EnvValue.fromHost('GH') }),
    ],
    quiet: [agentEnv({ EGRESS_NOTE: 'x' })],
  },
  'bottles::env-route-credential': {
    fires: [
      besideRoute({ API_TOKEN: EnvValue.fromHost('API_TOKEN') }),
      besideRoute({ FOO: EnvValue.fromHost('API_TOKEN') }),
      besideRoute({ API_TOKEN: '' }),
      besideRoute({ API_TOKEN: EnvValue.ask('Which?') }),
      besideRoute({}, { FOO: EnvValue.fromHost('API_TOKEN') }),
    ],
    quiet: [besideRoute({ FOO: EnvValue.fromHost('LANG') }), agentEnv({ API_TOKEN: EnvValue.fromHost('API_TOKEN') })],
  },
  'bottles::env-reserved': {
    fires: [
      ...['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'Curl_CA_Bundle', 'CLAUDE_BOTTLE_X', 'GIT_CONFIG_SYSTEM'].map(
        (name) => agentEnv({ [name]: 'x' }),
      ),
      agentEnv({ CLAUDE_BOTTLE_ANSWER_AGENT_X: EnvValue.ask('Which?') }),
      agentEnv({ X: EnvValue.fromHost('CLAUDE_BOTTLE_ANSWER_SIDECARS_LANG') }),
      bundleEnv({ LANG: EnvValue.fromHost('CLAUDE_BOTTLE_ANSWER_AGENT_X') }),
      ...[
        'PATH',
        'LD_PRELOAD',
        'NODE_OPTIONS',
        'PYTHONPATH',
        'GIT_SSH_COMMAND',
        'EGRESS_UPSTREAM_PROXY',
        'SUPERVISE_PORT',
        'CLAUDE_BOTTLE_SIDECAR_DAEMONS',
        'SSL_CERT_FILE',
      ].map((name) => bundleEnv({ [name]: 'x' })),
    ],
    quiet: [agentEnv({ PATH: '/usr/bin', NODE_OPTIONS: '' }), bundleEnv({ LANG: 'x' })],
  },
  'bottles::env-secret-literal': {
    fires: [
      { A: `ghp_${'a'.repeat(36)}` },
      { A: `sk-ant-api03-${'x'.repeat(20)}` },
      { A: 'AKIAABCDEFGHIJKLMNOP' },
      { A: 'postgres://me:hunter2@db.example.org/x' },
      { A: '--password=hunter2' },
      { A: '-----BEGIN EC PRIVATE KEY-----' },
      { DB_PASSWORD: 'hunter2' },
      { GITHUB_TOKEN: 'abc' },
      { OPENAI_API_KEY: 'abc' },
      { client_secret: 'abc' },
    ].flatMap((env) => [agentEnv(env), bundleEnv(env)]),
    quiet: [
      { EDITOR: 'vim' },
      { MAX_TOKENS: '4096' },
      { TOKENIZERS_PARALLELISM: 'false' },
      { API_KEY: 'placeholder' },
      { DB_PASSWORD: '' },
      { SSH_KEY_PATH: '/x' },
      { URL: 'https://a.example.org/x?y=z' },
      { MONKEY: 'see' },
      { GH_TOKEN: EnvValue.fromHost('GH_TOKEN') },
    ].map(agentEnv),
  },
  'bottles::env-credential-forwarded': {
    fires: [
      agentEnv({ GH_TOKEN: EnvValue.fromHost('GH_TOKEN') }),
      agentEnv({ X: EnvValue.fromHost('DB_PASSWORD') }),
      bundleEnv({ A_SECRET: EnvValue.fromHost('X') }),
    ],
    quiet: [
      agentEnv({ LANG: EnvValue.ask('Which language?') }),
      agentEnv({ LANG: EnvValue.fromHost('LANG') }),
      besideRoute({ X: EnvValue.fromHost('API_TOKEN') }),
    ],
  },
  'bottles::env-proxy-forwarded': {
    fires: [
      ...['HTTPS_PROXY', 'all_proxy', 'npm_config_https_proxy', 'CORP_PROXY_URL'].map((from) =>
        agentEnv({ UPSTREAM: EnvValue.fromHost(from) }),
      ),
      agentEnv({ npm_config_proxy: EnvValue.fromHost('npm_config_proxy') }),
    ],
    quiet: [
      ...['NO_PROXY', 'PROXY_MODE', 'LANG'].map((from) => agentEnv({ UPSTREAM: EnvValue.fromHost(from) })),
      agentEnv({ HTTPS_PROXY: EnvValue.fromHost('HTTPS_PROXY') }),
      agentEnv({ UPSTREAM: 'HTTPS_PROXY' }),
    ],
  },
  'bottles::env-bundle-unread': {
    fires: [bundleEnv({ TZ: 'UTC' })],
    quiet: [bundleEnv({ LANG: 'C.UTF-8' }), agentEnv({ TZ: 'UTC' })],
  },
  'bottles::host-env-name': {
    fires: [
      'A-B',
      '1A',
      'PATH',
      'https_proxy',
      'SSL_CERT_FILE',
      'EGRESS_TOKEN_0',
      'CLAUDE_BOTTLE_HOME',
      'DOCKER_HOST',
      '$X',
      'A=B',
    ].map(hostEnv),
    quiet: [hostEnv('GH_TOKEN'), hostEnv('_x')],
  },
};
