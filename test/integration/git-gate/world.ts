/** A git-gate of the real image between a client and an sshd with real repositories, on networks of their own. */

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { internetImage } from '../../../examples/demo/internet/image.ts';
import { ensureSidecarImage } from '../../../lib/deploy/images/index.ts';
import { silent } from '../../../lib/deploy/progress.ts';
import type { GitGateFile, GitRemoteEntry } from '../../../lib/plan/index.ts';
import { type DockerOutcome, docker, tryDocker } from './docker.ts';

export interface World {
  /** Runs a shell script at the client, in a new directory, with `$gate` the URL prefix of the mirrors. */
  client(script: string): Promise<DockerOutcome>;
  /** Output of a shell script at the upstream, in /srv/git. */
  upstream(script: string): Promise<string>;
  /** Every ref of every upstream repository. */
  upstreamRefs(): Promise<string>;
  /** How many connections sshd has accepted. */
  sshConnections(): Promise<number>;
  /** What git-gate has logged. */
  gateLog(): Promise<string>;
  /** Output of a shell script inside git-gate's container. */
  gate(script: string): Promise<DockerOutcome>;
  /** Starts git-gate anew, with these arguments of `docker run` added. */
  restartGate(...args: string[]): Promise<void>;
  /** Arguments for {@link restartGate} that put an executable of this content in place of a program of the image. */
  replacing(path: string, body: string): string[];
  /** Output of a shell script in a container that is on the upstream's network only. */
  neighbour(script: string): Promise<DockerOutcome>;
  gateAddresses(): Promise<{ readonly serving: string; readonly other: string }>;
  stopUpstream(): Promise<void>;
  stop(): Promise<void>;
}

const ALIAS = 'claude-bottle-git-gate-test';

const remote = (name: string, url: string, more: Partial<GitRemoteEntry> = {}): GitRemoteEntry => ({
  name,
  url,
  key: `/run/git-gate/${name}.key`,
  access: 'push',
  protectedPaths: ['.github/workflows/**', '.gitlab-ci.yml'],
  allow: { force: false, delete: false, tags: false },
  ...more,
});

const REMOTES: readonly GitRemoteEntry[] = [
  remote('app', 'ssh://git@git.test/srv/git/app.git'),
  remote('scp', 'git@git.test:/srv/git/app.git'),
  remote('empty', 'ssh://git@git.test/srv/git/empty.git'),
  remote('readonly', 'ssh://git@git.test/srv/git/app.git', { access: 'read' }),
  remote('lenient', 'ssh://git@git.test/srv/git/lenient.git', {
    branches: ['main', 'agent/*'],
    allow: { force: true, delete: true, tags: true },
  }),
  remote('hooked', 'ssh://git@git.test/srv/git/hooked.git'),
  remote('imposter', 'ssh://git@imposter.test/srv/git/app.git'),
  remote('stranger', 'ssh://git@git.test/srv/git/app.git'),
  remote('closed', 'ssh://git@git.test:2222/srv/git/app.git'),
  remote('absent', 'ssh://git@git.test/srv/git/absent.git'),
  remote('version0', 'ssh://git@git.test:2022/srv/git/app.git'),
  remote('long', 'ssh://git@git.test/srv/git/long.git'),
  remote('sha256', 'ssh://git@git.test/srv/git/sha256.git'),
  remote('sha256-empty', 'ssh://git@git.test/srv/git/sha256-empty.git'),
];

const UPSTREAM = `set -eu
repository() { git init -q --bare -b main --object-format=$2 /srv/git/$1.git; }
seed() {
  work=$(mktemp -d)
  git -C $work init -q -b main --object-format=$2
  mkdir -p $work/.github/workflows
  echo '# app' >$work/README.md; echo 'on: push' >$work/.github/workflows/ci.yml
  git -C $work add .
  git -C $work -c user.name=Up -c user.email=up@git.test commit -q -m 'Start the project'
  git -C $work push -q /srv/git/$1.git main main:shared
}
for name in app empty lenient hooked; do repository $name sha1; done
for name in sha256 sha256-empty; do repository $name sha256; done
for name in app lenient hooked; do seed $name sha1; done
seed sha256 sha256
printf '#!/bin/sh\\necho "policy 7 says no"; exit 1\\n' >/srv/git/hooked.git/hooks/pre-receive
chmod 755 /srv/git/hooked.git/hooks/pre-receive
chown -R git:git /srv/git
install -d -m 0755 /etc/ssh/keys
install -m 0600 /keys/host /etc/ssh/keys/host_key
install -m 0644 /keys/app.pub /etc/ssh/keys/authorized_keys
serve() {
  /usr/sbin/sshd -D -e -o HostKey=/etc/ssh/keys/host_key -o AuthorizedKeysFile=/etc/ssh/keys/authorized_keys \
    -o PasswordAuthentication=no -o LogLevel=VERBOSE -o MaxStartups=100 "$@"
}
# An sshd that takes no GIT_PROTOCOL makes git speak version 0.
serve -p 2022 &
serve -o AcceptEnv=GIT_PROTOCOL`;

/** As the init does it: the keys onto a tmpfs of git-gate's own, then the entrypoint. */
const GATE = 'cp /keys/*.key /run/git-gate/ && chmod 600 /run/git-gate/*.key && exec git-gate_entrypoint.sh';

const CLIENT = `set -eu
export HOME=/tmp GIT_AUTHOR_NAME=Agent GIT_AUTHOR_EMAIL=agent@bottle.test GIT_COMMITTER_NAME=Agent
export GIT_COMMITTER_EMAIL=agent@bottle.test GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=main
gate=git://${ALIAS}
cd "$(mktemp -d)"
`;

async function makeKeys(image: string, directory: string): Promise<void> {
  const make = 'for name in host other app stranger; do ssh-keygen -q -t ed25519 -N "" -C test -f /keys/$name; done';
  await docker('run', '--rm', '--network=none', `--volume=${directory}:/keys`, image, 'sh', '-c', make);
  const names = REMOTES.map(({ name }) => name).join(' ');
  const copy = `cd /keys; for name in ${names}; do [ $name = stranger ] && cp stranger stranger.key || cp app $name.key; done; chmod 644 *`;
  await docker('run', '--rm', '--network=none', `--volume=${directory}:/keys`, image, 'sh', '-c', copy);
}

async function knownHosts(image: string, directory: string): Promise<string> {
  const read = (name: string) =>
    docker(
      'run',
      '--rm',
      '--network=none',
      `--volume=${directory}:/keys:ro`,
      image,
      'cut',
      '-d ',
      '-f1,2',
      `/keys/${name}.pub`,
    );
  const [right, wrong] = await Promise.all([read('host'), read('other')]);
  return [
    `git.test ${right}`,
    `[git.test]:2022 ${right}`,
    `[git.test]:2222 ${right}`,
    `imposter.test ${wrong}`,
    '',
  ].join('\n');
}

export async function startWorld(): Promise<World> {
  const id = `git-gate-test-${randomBytes(3).toString('hex')}`;
  const scratch = mkdtempSync(join(tmpdir(), 'git-gate-test-'));
  const keys = join(scratch, 'keys');
  const config = join(scratch, 'config');
  for (const directory of [keys, config]) mkdirSync(directory);
  chmodSync(scratch, 0o755);
  const lockFile = join(scratch, 'claude-bottle.lock');
  const outside = await internetImage(lockFile);
  const { tag } = await ensureSidecarImage({
    projectDir: scratch,
    lockFile,
    engine: 'builtin',
    env: process.env,
    progress: silent,
  });

  const stop = async (): Promise<void> => {
    const containers = ['gate', 'upstream', 'client', 'neighbour'].map((name) => `${id}-${name}`);
    await tryDocker(['rm', '--force', '--volumes', ...containers]);
    await tryDocker(['volume', 'rm', `${id}-git`]);
    await tryDocker(['network', 'rm', `${id}-agent`, `${id}-outside`]);
    rmSync(scratch, { recursive: true, force: true });
  };
  const shell = (container: string, script: string) => tryDocker(['exec', `${id}-${container}`, 'sh', '-c', script]);

  const restartGate = async (...args: string[]): Promise<void> => {
    await tryDocker(['rm', '--force', `${id}-gate`]);
    await docker(
      ...['create', '--init', `--name=${id}-gate`, '--user=10003:10003', '--read-only', '--cap-drop=ALL'],
      // As much as all daemons of a bottle have together, unless its definition says otherwise.
      ...['--memory=1g', '--memory-swap=1g', '--pids-limit=512'],
      ...['--security-opt=no-new-privileges', `--network=${id}-agent`, `--network-alias=${ALIAS}`],
      ...['--tmpfs=/tmp', '--tmpfs=/run/git-gate:uid=10003,gid=10003,mode=0700', `--volume=${id}-git:/git`],
      ...[`--volume=${keys}:/keys:ro`, `--volume=${config}:/etc/git-gate:ro`, ...args],
      ...['--entrypoint=sh', tag, '-c', GATE],
    );
    await docker('network', 'connect', `${id}-outside`, `${id}-gate`);
    await docker('start', `${id}-gate`);
    for (const end = Date.now() + 15_000; Date.now() < end; await sleep(100)) {
      const { stderr } = await shell('client', `git ls-remote git://${ALIAS}/probe.git`);
      if (stderr.includes('no such repository')) return;
    }
    throw new Error(`git-gate does not answer: ${(await tryDocker(['logs', `${id}-gate`])).stderr}`);
  };

  try {
    await makeKeys(outside, keys);
    writeFileSync(join(config, 'known_hosts'), await knownHosts(outside, keys));
    const file: GitGateFile = { version: 1, listen: `${ALIAS}:9418`, remotes: REMOTES };
    writeFileSync(join(config, 'git-gate.json'), JSON.stringify(file));
    await docker('network', 'create', '--internal', `${id}-agent`);
    await docker('network', 'create', '--internal', `${id}-outside`);
    const run = (name: string, network: string, ...args: string[]) =>
      docker('run', '--detach', '--init', `--name=${id}-${name}`, `--network=${id}-${network}`, ...args);
    const hosts = ['--network-alias=git.test', '--network-alias=imposter.test'];
    await run('upstream', 'outside', ...hosts, `--volume=${keys}:/keys:ro`, outside, 'sh', '-c', UPSTREAM);
    await run('neighbour', 'outside', `--volume=${keys}:/keys:ro`, outside, 'sleep', 'infinity');
    await run('client', 'agent', outside, 'sleep', 'infinity');
    await restartGate();
  } catch (error) {
    await stop();
    throw error;
  }

  const upstream = async (script: string): Promise<string> =>
    docker('exec', '--user=git', '--workdir=/srv/git', `${id}-upstream`, 'sh', '-ec', script);
  const logs = async (name: string): Promise<string> => {
    const { stdout, stderr } = await tryDocker(['logs', `${id}-${name}`]);
    return `${stdout}\n${stderr}`;
  };
  const addressOn = (network: string) =>
    docker('inspect', '--format', `{{(index .NetworkSettings.Networks "${id}-${network}").IPAddress}}`, `${id}-gate`);
  return {
    client: (script) => shell('client', CLIENT + script),
    upstream,
    upstreamRefs: () => upstream('for r in *.git; do echo $r; cat $r/HEAD; git -C $r for-each-ref; done'),
    sshConnections: async () =>
      (await logs('upstream')).split('\n').filter((l) => l.startsWith('Connection from')).length,
    gateLog: () => logs('gate'),
    gate: (script) => shell('gate', script),
    restartGate,
    replacing: (path, body) => {
      const file = join(scratch, `program-${randomBytes(4).toString('hex')}`);
      // An empty one is not executable at all.
      writeFileSync(file, body, { mode: body === '' ? 0o644 : 0o755 });
      return [`--volume=${file}:${path}:ro`];
    },
    neighbour: (script) => shell('neighbour', script),
    gateAddresses: async () => ({ serving: await addressOn('agent'), other: await addressOn('outside') }),
    stopUpstream: async () => {
      await docker('stop', '--time=1', `${id}-upstream`);
    },
    stop,
  };
}
