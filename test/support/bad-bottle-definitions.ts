/** Bad edits of what a definition says of a bottle and its sidecars: names, routes, remotes, networks, shape and house. */

import { Agent, Aspects, Bottle, Network, Rules, type SidecarBundleProps } from 'claude-bottle';
import {
  agent,
  allow,
  type BadDefinition,
  both,
  done,
  type Edit,
  errors,
  remote,
  route,
  routes,
  sidecars,
  warnings,
} from './bad-definition.ts';

const named = (name: string, edit: Edit) => ({ name, edit });
const id = (text: string) =>
  named(`id ${text}`, (recipe) => ({ ...recipe, id: text, scope: [], ownSlug: false, workspace: 'none' }));
const label = (key: string, value: string) =>
  named(`label ${key}`, (recipe) => ({ ...recipe, labels: { ...recipe.labels, [key]: value } }));

/** Another bottle in the app. */
const beside = (name: string, slugOf: (bottle: Bottle) => string, props: SidecarBundleProps = {}) =>
  done(
    name,
    (bottle, app) => {
      new Bottle(app, 'Beside', { slug: slugOf(bottle), agent: {}, sidecars: props });
    },
    '/Beside',
  );

const NAMES: readonly BadDefinition[] = [
  ...errors('slug-label', '', id('De_mo'), id('-demo'), id('a'.repeat(40))),
  ...errors('slug-reserved', '', id('egress-x'), id('git-gate-x')),
  ...errors(
    'slug-unique',
    '',
    beside('a second bottle of one slug', ({ slug }) => slug),
  ),
  ...errors('label-name', '', label('claude-bottle.slug', 'x'), label('com.docker.compose.project', 'x')),
  ...errors('label-secret', '', label('note', `ghp_${'a'.repeat(36)}`)),
  ...errors('alias-dns-label', '', id('a.b')),
  ...errors(
    'alias-unique',
    '',
    beside("a bottle named as another's sidecars", ({ slug }) => `sidecars-${slug}`),
  ),
];

const header = (name: string) => route('edited.example', {}, { scheme: 'header', name, from: 'API_TOKEN' });
const from = (name: string) => route('edited.example', {}, { scheme: 'bearer', from: name });
const prefixes = (...pathPrefixes: readonly string[]) => route('edited.example', { pathPrefixes });

const EGRESS = 'Sidecars/egress';

const ROUTES: readonly BadDefinition[] = [
  ...errors(
    'route-host',
    EGRESS,
    route('https://edited.example'),
    route('*.edited.example'),
    route('169.254.169.254'),
    route('2130706433'),
    route('10.0.0.5.nip.io'),
    route('host.docker.internal'),
    route('pipelock'),
    route('bücher.example.org'),
  ),
  ...errors('route-unique', EGRESS, routes('edited.example', 'Edited.Example')),
  ...errors(
    'route-methods',
    EGRESS,
    route('edited.example', { methods: ['get'] }),
    route('edited.example', { methods: ['TRACE'] }),
    route('edited.example', { methods: [] }),
  ),
  ...errors('route-path-prefixes', EGRESS, prefixes('repos/'), prefixes('/a/../b'), prefixes('/a%2fb'), prefixes()),
  ...errors('route-ports', EGRESS, route('edited.example', { ports: [0] }), route('edited.example', { ports: [] })),
  ...errors('route-auth-header', EGRESS, header('Cookie'), header('Proxy-Authorization')),
  ...errors(
    'route-auth-user',
    EGRESS,
    route('edited.example', {}, { scheme: 'basic', user: 'a:b', from: 'API_TOKEN' }),
  ),
  ...errors(
    'route-auth-plain-http',
    EGRESS,
    route('edited.example', { ports: [80] }, { scheme: 'bearer', from: 'API_TOKEN' }),
  ),
  ...errors('host-env-name', EGRESS, from('PATH'), from('A-B'), from('EGRESS_TOKEN_0')),
  ...warnings('route-private-name', EGRESS, route('wiki.corp')),
  ...warnings('route-tls-passthrough', EGRESS, route('edited.example', { tlsPassthrough: true })),
  ...warnings('route-web-socket', EGRESS, route('edited.example', { webSocket: true })),
  ...warnings('route-private-upstream', EGRESS, route('edited.example', { privateUpstream: true })),
  ...warnings('route-prefix-overlap', EGRESS, prefixes('/repos/', '/repos/acme/')),
  ...warnings('route-web-socket-idle', EGRESS, route('edited.example', { webSocket: true, methods: ['POST'] })),
  ...errors('host-mixed-scripts', EGRESS, route('xn--pypal-4ve.com')),
  ...warnings('host-punycode', EGRESS, route('xn--bcher-kva.example')),
  ...warnings('host-near-miss', EGRESS, route('api.githab.com'), routes('a.acme-tools.com', 'b.acme-tool.com')),
];

const PIPELOCK = 'Sidecars/pipelock';

const DAEMONS: readonly BadDefinition[] = [
  ...errors('allow-entry', PIPELOCK, allow('*'), allow('*.com'), allow('a.example.org:80'), allow('localhost')),
  ...warnings('allow-overlap', PIPELOCK, allow('*.example.org', 'a.example.org')),
  ...warnings('allow-shared-suffix', PIPELOCK, allow('*.github.io')),
  ...warnings(
    'allow-behind-egress',
    PIPELOCK,
    both(sidecars({ pipelock: { allow: ['b.example.org'] } }), route('edited.example')),
  ),
  ...warnings('pipelock-exposed', PIPELOCK, sidecars({ pipelock: { exposed: true } })),
  ...errors('limit-bodies', PIPELOCK, sidecars({ pipelock: { maxBodyBytes: 2 ** 40 } })),
  ...warnings(
    'limit-bodies-memory',
    PIPELOCK,
    sidecars({ pipelock: { maxResponseBytes: 1024 ** 3 }, resources: { memory: '256m' } }),
  ),
  ...errors('limit-deadline', 'Sidecars/supervise', sidecars({ supervise: { deadlineSeconds: 5 } })),
  ...errors('network-name', 'Sidecars', sidecars({ egressNetwork: Network.external('host') })),
  ...errors('network-subnet', 'Sidecars', sidecars({ egressNetwork: Network.managed({ subnet: '10.77.0.1/24' }) })),
  ...errors('network-subnet-overlap', 'Sidecars', {
    ...both(
      sidecars({ egressNetwork: Network.managed({ subnet: '10.90.0.0/16' }) }),
      beside('a subnet in it', () => 'beside', { egressNetwork: Network.managed({ subnet: '10.90.3.0/24' }) }),
    ),
    at: '/Beside/Sidecars',
  }),
  ...errors('trusted-cas', 'Sidecars', sidecars({ trustedCAs: ['$HOME/ca.pem'] }), sidecars({ trustedCAs: [''] })),
  ...warnings(
    'trusted-cas-idle',
    'Sidecars',
    named('trusted CAs and nothing that goes out', (recipe) => ({
      ...recipe,
      routes: [],
      sidecars: { trustedCAs: ['certs/ca.pem'] },
    })),
  ),
];

const url = (text: string) => remote({}, { url: text });
const GIT = 'Sidecars/git-gate';

const REMOTES: readonly BadDefinition[] = [
  ...errors('git-name', GIT, remote({}, { name: 'a/b', url: 'git@git.example.org:a/b' }), remote({}, { name: '.git' })),
  ...errors('git-name-unique', GIT, both(remote({}), remote({}, { name: 'Edited', url: 'git@git.example.org:a/c' }))),
  ...errors(
    'git-url',
    GIT,
    url('https://git.example.org/acme/app.git'),
    url('ext::sh -c id'),
    url('ssh://git@-oProxyCommand=id/app.git'),
    url('ssh://git:hunter2@git.example.org/app.git'),
  ),
  ...errors(
    'git-url-unique',
    GIT,
    both(url('ssh://git@git.example.org/x/app.git'), remote({}, { name: 'other', url: 'git@GIT.example.org:x/app' })),
  ),
  ...errors('git-known-host-key', GIT, remote({ knownHostKey: 'ssh-ed25519 AAAA…' })),
  ...errors('git-identity-file', GIT, remote({ identityFile: '~/.ssh/id_ed25519.pub' })),
  ...errors('git-patterns', GIT, remote({ protectedPaths: ['!x'] }), remote({ branches: [] })),
  ...errors('missing', GIT, remote({ knownHostKey: '' })),
  ...warnings('git-unprotected', GIT, remote({ protectedPaths: [] })),
  ...warnings('git-rewrite', GIT, remote({ allow: { force: true } })),
  ...warnings('git-default-branch', GIT, remote({ branches: ['main'] })),
  ...warnings('git-read-only-idle', GIT, remote({ access: 'read', branches: ['agent/*'] })),
];

/** As a definition in JavaScript can have it. */
const untyped = (value: unknown): never => value as never;

const SHAPE: readonly BadDefinition[] = [
  ...errors('unknown-key', 'Agent', agent(untyped({ privileged: true }))),
  ...errors('unknown-key', 'Sidecars', sidecars(untyped({ egres: {} }))),
  ...errors(
    'wrong-type',
    'Agent',
    agent(untyped({ command: 'sleep infinity' })),
    agent(untyped({ readOnlyRoot: 'no' })),
  ),
  ...errors('wrong-type', EGRESS, route('edited.example', untyped({ ports: 443 }))),
  ...errors(
    'wrong-type',
    '',
    done('an aspect that is none', (bottle) => Aspects.of(bottle).add(untyped({}))),
  ),
  ...errors(
    'exactly-one',
    '',
    done('a second agent', (bottle) => void new Agent(bottle, 'Second', {})),
  ),
  ...errors(
    'misplaced-construct',
    '',
    done('an agent outside', (_, app) => void new Agent(app, 'Alone', {}), '/Alone'),
  ),
  ...errors(
    'override-shape',
    'Agent',
    done('an empty key in a path', ({ agent: one }) => one.addOverride('a..b', 1)),
  ),
  ...errors(
    'override-applies',
    'Agent',
    done('a key of a list', ({ agent: one }) => one.addOverride('environment.A', 'x')),
  ),
  ...errors(
    'override-reserved-label',
    'Sidecars',
    done('our label', ({ sidecars: one }) => one.addOverride('labels.claude-bottle\\.slug', 'x')),
  ),
  ...warnings(
    'override-idle',
    'Agent',
    done('nothing to delete', ({ agent: one }) => one.addDeletionOverride('cap_dropp')),
  ),
  ...warnings(
    'agent-made-root',
    'Agent',
    done('root by an override', ({ agent: one }) => one.addOverride('user', '0')),
  ),
];

const RULE = { id: 'acme::one', severity: 'error', fix: 'mend it' } as const;
const reason = 'reviewed by the platform team, and good for this one';
const acknowledged = (rule: string, why = reason) =>
  done(`${rule} acknowledged: ${why}`, (bottle) => Rules.of(bottle).acknowledge({ id: rule, reason: why }));

const HOUSE: readonly BadDefinition[] = [
  ...errors(
    'house-rule-invalid',
    '/',
    done('a rule in our name', (_, app) => Rules.of(app).add({ ...RULE, id: 'bottles::one', check: () => [] })),
    done('a rule within a bottle', (bottle) => Rules.of(bottle.agent).add({ ...RULE, check: () => [] }), 'Agent'),
  ),
  ...errors(
    'house-rule-failed',
    '',
    done('a rule that throws', (_, app) =>
      Rules.of(app).add({
        ...RULE,
        check: () => {
          throw new Error('no');
        },
      }),
    ),
  ),
  ...errors('acknowledgement-unknown', '', acknowledged('bottles::no-such-rule')),
  ...errors('acknowledgement-of-error', '', acknowledged('bottles::route-host')),
  ...errors('acknowledgement-reason', '', acknowledged('bottles::route-tls-passthrough', 'ok')),
  ...warnings('acknowledgement-unused', '', acknowledged('bottles::host-punycode')),
  {
    name: 'a breach of a rule of the house',
    rule: 'acme::one',
    severity: 'error',
    at: '',
    call: (bottle) => Rules.of(bottle).add({ ...RULE, check: () => [{ message: 'not here' }] }),
  },
];

export const BAD_BOTTLE_DEFINITIONS: readonly BadDefinition[] = [
  ...NAMES,
  ...ROUTES,
  ...DAEMONS,
  ...REMOTES,
  ...SHAPE,
  ...HOUSE,
];
