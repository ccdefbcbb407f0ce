/** For each rule on mounts: definitions that break it, and the nearest ones that do not. */

import { App, Bottle, Image, Mount, Workspace } from 'claude-bottle';
import type { RuleCase } from './cases-network.ts';
import { appOf, remote, withAgent, withSidecars } from './definition.ts';

const agentMount = (...mounts: Mount[]): App => withAgent({ mounts });
const target = (path: string): App => agentMount(Mount.volume('v', path));
const bundleTarget = (path: string): App => withSidecars({ mounts: [Mount.volume('v', path)] });
const source = (path: string): App => agentMount(Mount.bind(path, '/data'));
const writable = (path: string): App => agentMount(Mount.bind(path, '/data', { readOnly: false }));
const bundleSource = (path: string): App => withSidecars({ mounts: [Mount.bind(path, '/data')] });

/** `path` in the agent of a bottle whose remote's key is `identityFile`. */
const besideKey = (path: string, identityFile: string): App =>
  appOf({ mounts: [Mount.bind(path, '/data')] }, { gitGate: { remotes: [remote({ identityFile })] } });

const both = (agent: Mount, bundle: Mount): App => appOf({ mounts: [agent] }, { mounts: [bundle] });

const rw = (path: string, at = '/data'): Mount => Mount.bind(path, at, { readOnly: false });
const ro = (path: string, at = '/srv'): Mount => Mount.bind(path, at);

/** Two bottles in one app, with a mount each. */
function two(first: Mount, second: Mount): App {
  const app = new App();
  new Bottle(app, 'one', { agent: { mounts: [first] }, sidecars: {} });
  new Bottle(app, 'two', { agent: { mounts: [second] }, sidecars: {} });
  return app;
}

const built = (context: string, ...mounts: Mount[]): App => withAgent({ image: Image.build(context), mounts });
const trusting = (file: string, ...mounts: Mount[]): App => appOf({ mounts }, { trustedCAs: [file] });

/** The mount is one bottle's, what it endangers another's. */
function elsewhere(mount: Mount): App {
  const app = new App();
  new Bottle(app, 'one', { agent: { mounts: [mount] }, sidecars: {} });
  new Bottle(app, 'two', {
    agent: { image: Image.build('images/agent') },
    sidecars: { trustedCAs: ['certs/ca.pem'], gitGate: { remotes: [remote({ identityFile: 'keys/id' })] } },
  });
  return app;
}

const FORBIDDEN = [
  '/',
  '//',
  '/../..',
  '/./',
  '/var/run/docker.sock',
  '/var/run/../run/docker.sock',
  '//var//run/docker.sock',
  '/run/docker.sock/',
  '/VAR/RUN/DOCKER.SOCK',
  '/run/user/1000/podman/podman.sock',
  '/run/containerd/containerd.sock',
  '/srv/elsewhere/docker.sock',
  '/run/crio/crio.sock',
  '/run',
  '/var/run',
  '/var',
  '/var/lib',
  '/var/lib/docker',
  '/var/lib/docker/volumes/x',
  '/private/var/run/docker.sock',
  '/proc',
  '/proc/1/root/etc',
  '/sys/fs/cgroup',
  '/dev/sda',
  '/etc',
  '/etc/shadow',
  '/etc/ssh/ssh_host_ed25519_key',
  '/root',
  '/home',
  '/home/x',
  '/home/x/',
  '/home/../home/x',
  '/Users/x',
  '~',
  '~/',
  '~/.',
  '~/x/..',
  '~/.ssh',
  '~/.ssh/id_ed25519',
  '~/.SSH',
  '~/.aws/credentials',
  '~/.config',
  '~/.config/gcloud',
  '~/.config/gh/hosts.yml',
  '~/.docker',
  '~/.kube/config',
  '~/.gnupg',
  '~/.netrc',
  '~/.claude',
  '~/.claude.json',
  '~/.claude-bottle',
  '~/.claude-bottle/state/demo/ca',
  '~/.local/share',
  '~/.cargo',
  '/home/x/.ssh',
  '/root/.aws',
  '/srv/backup/home/x/.ssh',
  '../.ssh',
  '.env',
  '../../../run/containerd',
  '../../../../etc/shadow',
  'a/../../proc/1/root',
  './.docker',
];

export const MOUNT_CASES: Readonly<Record<string, RuleCase>> = {
  'bottles::mount-target-absolute': {
    fires: ['data', './data', '~/data', '/da:ta', '/$HOME', '/a\nb'].map(target),
    quiet: [target('/data')],
  },
  'bottles::mount-target-unique': {
    fires: ['/data', '//data', '/data/', '/data/.', '/x/../data'].map((path) =>
      agentMount(Mount.volume('a', '/data'), Mount.tmpfs(path)),
    ),
    quiet: [
      agentMount(Mount.volume('a', '/data'), Mount.tmpfs('/data/cache')),
      both(Mount.volume('a', '/data'), Mount.volume('b', '/data')),
    ],
  },
  'bottles::mount-target-reserved': {
    fires: [
      ...[
        '/',
        '/opt',
        '/opt/claude-bottle',
        '/opt/claude-bottle/ca-bundle.pem',
        '/opt/./claude-bottle/x',
        '/opt/x/../claude-bottle',
      ],
      ...[
        '/home',
        '/home/agent',
        '/workspace',
        '/tmp',
        '/proc/x',
        '/sys',
        '/dev/shm',
        '/run/x',
        '/var/run/x',
        '/etc',
        '/etc/resolv.conf',
        '/etc/hosts',
        '/usr',
      ],
    ]
      .map(target)
      .concat(
        [
          '/etc/egress',
          '/etc/egress/routes.yaml',
          '/etc/pipelock/pipelock.yaml',
          '/run/secrets',
          '/run/secrets/egress',
          '/git',
          '/git/app.git',
        ].map(bundleTarget),
        [
          '/home/mitmproxy/.mitmproxy',
          '/run/supervise/queue',
          '/pipelock',
          '/usr/local/bin',
          '/bin',
          '/opt/claude-bottle',
          '/etc/ssl/certs',
          '/tmp',
          '/',
        ].map(bundleTarget),
        appOf(
          { mounts: [Mount.volume('v', '/workspace/app')], workspace: Workspace.clone('app') },
          { gitGate: { remotes: [remote()] } },
        ),
      ),
    quiet: [
      target('/data'),
      target('/home/agent/.cache'),
      target('/workspace/other'),
      target('/optional'),
      bundleTarget('/data'),
      bundleTarget('/gitlab'),
    ],
  },
  'bottles::mount-volume-name': {
    fires: ['a b', '-a', '../a', 'a/b', 'a'.repeat(65)].map((name) => agentMount(Mount.volume(name, '/data'))),
    quiet: [agentMount(Mount.volume('pip-cache_1.0', '/data'))],
  },
  'bottles::mount-volume-shared': {
    fires: [both(Mount.volume('x', '/data'), Mount.volume('x', '/srv'))],
    quiet: [both(Mount.volume('x', '/data'), Mount.volume('y', '/srv'))],
  },
  'bottles::mount-source-spelling': {
    fires: ['$HOME/x', '${HOME}/x', '~other/x', '/srv/a/../b', '~/a/../b', 'C:\\x', 'a\nb', ' '].map(source),
    quiet: [source('/srv/data'), source('~/data'), source('data'), source('../beside')],
  },
  'bottles::mount-source-forbidden': {
    fires: [...FORBIDDEN.map(source), ...FORBIDDEN.map(bundleSource), writable('/etc/app'), writable('/usr/local')],
    quiet: [
      source('/srv/data'),
      source('~/projects/data'),
      source('data'),
      source('/etc/localtime'),
      source('/usr/share/fonts'),
      source('/runner/work'),
      source('/home/x/projects'),
      source('/root/projects/x'),
      source('~/.config/nvim'),
      writable('/srv/data'),
    ],
  },
  'bottles::mount-project': {
    fires: [
      source('..'),
      source('../..'),
      source('a/../..'),
      writable('.'),
      writable('./'),
      writable('a/..'),
      ...['bin', './node_modules/x', '.git/hooks', 'x/../bin', 'cdk.json', 'app.ts', 'dist'].map(writable),
      ...['src', 'infra/stacks', 'tools', 'tools/data', 'TOOLS', 'hooks', 'out'].map(writable),
      // The files of this definition lie there.
      writable('test'),
      ...['.git', 'bin', 'node_modules/x', 'tools', '', 'x/../bin'].map((path) =>
        writable(`/srv/acme/project/${path}`),
      ),
      source('/srv/acme'),
      source('/srv//acme/.'),
      source('/SRV'),
    ],
    quiet: [
      source('bin'),
      writable('binary'),
      source('.'),
      source('data'),
      ...['data', 'work', '/srv/acme/project/work', '/srv/acme/other/src', '~/work'].map(writable),
      source('../beside'),
      source('/srv/acme/project'),
    ],
  },
  'bottles::mount-nested': {
    fires: [
      ...['work/docs', 'work', './work/', 'x/../work', '/srv/acme/project/work/docs', 'WORK/docs'].map((path) =>
        agentMount(rw('work'), ro(path)),
      ),
      agentMount(ro('work/docs'), rw('work')),
      agentMount(rw('~/work'), ro('/home/x/work/docs')),
      agentMount(rw('work'), rw('work/docs', '/srv')),
      two(rw('work'), ro('work/docs')),
      two(ro('work/docs'), rw('work')),
      two(rw('work'), rw('work')),
    ],
    quiet: [
      agentMount(rw('work'), ro('docs')),
      agentMount(ro('work'), rw('work/docs')),
      agentMount(ro('work'), ro('work/docs', '/x')),
      agentMount(rw('work'), ro('workshop')),
      two(rw('work'), rw('other')),
      two(ro('work'), ro('work')),
    ],
  },
  'bottles::mount-build-context': {
    fires: [
      built('ctx', rw('ctx')),
      built('./ctx/', rw('/srv/acme/project/ctx')),
      built('ctx', rw('ctx/files')),
      built('ctx/agent', rw('ctx')),
      built('.', rw('work')),
      elsewhere(rw('images')),
      appOf({ mounts: [rw('ctx')] }, { image: Image.build('ctx') }),
      appOf({ image: Image.build('ctx') }, { mounts: [rw('ctx')] }),
    ],
    quiet: [
      built('ctx', ro('ctx')),
      built('ctx', rw('work')),
      elsewhere(rw('work')),
      withAgent({ mounts: [rw('ctx')] }),
    ],
  },
  'bottles::mount-key': {
    fires: [
      besideKey('keys', 'keys/id'),
      besideKey('./keys/', 'keys/id'),
      besideKey('/srv/keys', '/srv/keys/id'),
      besideKey('/srv/keys/id', '/srv/keys/../keys/id'),
      besideKey('~/deploy', '~/deploy/id'),
      besideKey('.', 'keys/id'),
      besideKey('/srv/acme/project/keys', 'keys/id'),
      elsewhere(ro('keys')),
      elsewhere(rw('certs')),
      trusting('certs/ca.pem', rw('certs')),
      trusting('certs/ca.pem', rw('/srv/acme/project/certs')),
      trusting('/srv/certs/ca.pem', rw('/srv/certs/./')),
      trusting('certs/ca.pem', rw('certs/ca.pem')),
    ],
    quiet: [
      besideKey('data', 'keys/id'),
      besideKey('/srv/key', '/srv/keys/id'),
      besideKey('key', 'keys/id'),
      trusting('certs/ca.pem', ro('certs')),
      trusting('certs/ca.pem', rw('work')),
    ],
  },
  'bottles::mount-shared-source': {
    fires: [
      both(Mount.bind('data', '/data', { readOnly: false }), Mount.bind('data', '/srv')),
      both(Mount.bind('data', '/data', { readOnly: false }), Mount.bind('data/sub', '/srv')),
      both(Mount.bind('/srv/x', '/data'), Mount.bind('/srv//x/', '/srv', { readOnly: false })),
    ],
    quiet: [
      both(Mount.bind('data', '/data'), Mount.bind('data', '/srv')),
      both(Mount.bind('data', '/data', { readOnly: false }), Mount.bind('other', '/srv')),
    ],
  },
};
