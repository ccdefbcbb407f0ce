/** For each rule on mounts: definitions that break it, and the nearest ones that do not. (What sources endanger: cases-mount-sources.ts.) */

import { type App, Mount, Workspace } from 'claude-bottle';
import type { RuleCase } from './cases-network.ts';
import { appOf, remote, withAgent, withSidecars } from './definition.ts';

const agentMount = (...mounts: Mount[]): App => withAgent({ mounts });
const target = (path: string): App => agentMount(Mount.volume('v', path));
const bundleTarget = (path: string): App => withSidecars({ mounts: [Mount.volume('v', path)] });
const source = (path: string): App => agentMount(Mount.bind(path, '/data'));
const writable = (path: string): App => agentMount(Mount.bind(path, '/data', { readOnly: false }));
const bundleSource = (path: string): App => withSidecars({ mounts: [Mount.bind(path, '/data')] });

const both = (agent: Mount, bundle: Mount): App => appOf({ mounts: [agent] }, { mounts: [bundle] });

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
};
