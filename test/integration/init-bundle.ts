/** A sidecar container as a deployed bottle has it, alone on a network without a way out: for init.test.ts. */

import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { HealthReport } from '../../images/sidecars/init/health-report.ts';
import { mintAuthority } from '../../lib/deploy/certificates/index.ts';
import { ensureSidecarImage } from '../../lib/deploy/images/index.ts';
import { silent } from '../../lib/deploy/progress.ts';
import {
  CONFIG_DIR,
  DAEMON_UID,
  DAEMONS,
  type Daemon,
  gitKeyFile,
  longAlias,
  PRIVATE_DIR,
  SECRET_DIR,
  SECRET_FILE,
  SUPERVISE_QUEUE_DIR,
  TRUST_DIR,
} from '../../lib/plan/index.ts';
import { renderBottle } from '../../lib/render/index.ts';
import { fullMatrix, SLUG } from '../support/plans.ts';

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-init-image-'));
const containers: string[] = [];
export const TOKEN = 'canary-token-value';
const CAPABILITIES = ['SETUID', 'SETGID', 'KILL'];
const network = `inittest-${process.pid}`;
let image = '';
let authority = { certificate: '', key: '' };

/** Image, CA and network of all tests. */
export async function setUp(): Promise<void> {
  const { tag } = await ensureSidecarImage({
    projectDir: scratch,
    engine: 'builtin',
    env: process.env,
    progress: silent,
  });
  image = tag;
  authority = await mintAuthority('pipelock', SLUG);
  const isolated = 'com.docker.network.bridge.inhibit_ipv4=true';
  await execa('docker', ['network', 'create', '--internal', '--opt', isolated, network]);
}

export async function removeContainers(): Promise<void> {
  for (const name of containers.splice(0)) await execa('docker', ['rm', '-f', name]);
}

export async function tearDown(): Promise<void> {
  rmSync(scratch, { recursive: true, force: true });
  await execa('docker', ['network', 'rm', network]);
}

/** A state directory as deploy leaves it, secrets and queue owned by `owner`. */
function stateDirectory(owner: number): string {
  const state = mkdtempSync(join(scratch, `state-${owner}-`));
  chmodSync(state, 0o755);
  const put = (path: string, text: string, secret = false): void => {
    const file = join(state, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (!secret) return;
    chmodSync(file, 0o600);
    chmodSync(dirname(file), 0o700);
    chownSync(file, owner, owner);
    chownSync(dirname(file), owner, owner);
  };
  for (const [path, text] of Object.entries(renderBottle(fullMatrix()))) put(path, text);
  put('trust/trusted-cas.pem', '');
  put(`secrets/egress/${SECRET_FILE.mitmproxyCa}`, authority.key + authority.certificate, true);
  put(`secrets/egress/${SECRET_FILE.pipelockCa}`, authority.certificate, true);
  put(`secrets/pipelock/${SECRET_FILE.pipelockCert}`, authority.certificate, true);
  put(`secrets/pipelock/${SECRET_FILE.pipelockKey}`, authority.key, true);
  put(`secrets/git-gate/${gitKeyFile('app')}`, 'not used by these tests\n', true);
  mkdirSync(join(state, 'queue'));
  chownSync(join(state, 'queue'), owner, owner);
  chmodSync(join(state, 'queue'), 0o2770);
  return state;
}

export interface Bundle {
  readonly name: string;
  readonly state: string;
  /** The result of a command in the container as user `uid`; never rejects. */
  as(uid: number, ...command: string[]): Promise<{ readonly code: number; readonly text: string }>;
  health(): Promise<HealthReport>;
  healthy(): Promise<HealthReport>;
  signal(name: string): Promise<void>;
}

/** What a test changes in a container. */
export interface Changes {
  /** Runs in place of the image's entry point. */
  readonly shell?: string;
  /** Text that takes the place of a file in the container. */
  readonly file?: { readonly path: string; readonly text: string };
}

/** A container alone on a network without a way out. `user` is its user where that is not root. */
export async function startBundle(
  daemons: readonly Daemon[],
  owner: number,
  user?: number,
  { shell, file }: Changes = {},
): Promise<Bundle> {
  const state = stateDirectory(owner);
  const name = `inittest-${process.pid}-${containers.length}-${Date.now()}`;
  containers.push(name);
  const holders = Object.keys(PRIVATE_DIR) as (keyof typeof PRIVATE_DIR)[];
  const mount = (source: string, target: string, mode = ',readonly'): string[] => [
    '--mount',
    `type=bind,source=${join(state, source)},target=${target}${mode}`,
  ];
  const run = [
    ['run', '--detach', '--name', name, '--network', network, '--read-only', '--pids-limit', '512'],
    ['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    user === undefined ? CAPABILITIES.flatMap((name) => ['--cap-add', name]) : ['--user', `${user}:${user}`],
    DAEMONS.filter((daemon) => daemon !== 'pipelock').flatMap((daemon) => ['--network-alias', longAlias(daemon, SLUG)]),
    ['--add-host', `${longAlias('pipelock', SLUG)}:127.0.0.1`],
    ['--tmpfs', '/tmp:mode=1777', '--tmpfs', `/run/claude-bottle:mode=0755${user === undefined ? '' : `,uid=${user}`}`],
    holders.flatMap((daemon) => {
      const uid = user ?? DAEMON_UID[daemon];
      return ['--tmpfs', `${PRIVATE_DIR[daemon]}:uid=${uid},gid=${uid},mode=0700,size=16m`];
    }),
    ['--tmpfs', '/git:uid=10003,gid=10003,mode=0755'],
    DAEMONS.flatMap((daemon) => mount(daemon, CONFIG_DIR[daemon])),
    holders.flatMap((daemon) => mount(`secrets/${daemon}`, SECRET_DIR[daemon])),
    mount('trust', TRUST_DIR),
    mount('queue', SUPERVISE_QUEUE_DIR, ''),
    ['--env', `CLAUDE_BOTTLE_SIDECAR_DAEMONS=${daemons.join(',')}`],
    ['--env', `EGRESS_UPSTREAM_PROXY=http://${longAlias('pipelock', SLUG)}:8888`],
    ['--env', `EGRESS_UPSTREAM_CA=${PRIVATE_DIR.egress}/${SECRET_FILE.pipelockCa}`],
    ['--env', 'EGRESS_TOKEN_0', '--env', 'EGRESS_TOKEN_1'],
    ['--env', `SUPERVISE_BOTTLE_SLUG=${SLUG}`, '--env', `SUPERVISE_QUEUE_DIR=${SUPERVISE_QUEUE_DIR}`],
    ['--env', 'SUPERVISE_PORT=9100'],
    file === undefined ? [] : mount('changed-file', file.path),
    shell === undefined ? [image] : ['--entrypoint', 'sh', image, '-c', shell],
  ].flat();
  if (file !== undefined) writeFileSync(join(state, 'changed-file'), file.text);
  await execa('docker', run, { env: { EGRESS_TOKEN_0: TOKEN, EGRESS_TOKEN_1: TOKEN } });

  const as: Bundle['as'] = async (uid, ...command) => {
    const result = await execa(
      'docker',
      ['exec', '--user', `${uid}:${uid === DAEMON_UID.supervise ? owner : uid}`, name, ...command],
      { reject: false },
    );
    return { code: result.exitCode ?? 1, text: `${result.stdout}${result.stderr}` };
  };
  const health: Bundle['health'] = async () => {
    const { stdout } = await execa('docker', ['exec', name, '/usr/local/bin/bundle-health'], { reject: false });
    return stdout.startsWith('{') ? JSON.parse(stdout) : { healthy: false, daemons: {} };
  };
  const healthy: Bundle['healthy'] = async () => {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const report = await health();
      if (report.healthy) return report;
      if (Date.now() > deadline) {
        const logs = await execa('docker', ['logs', '--tail', '40', name], { all: true, reject: false });
        throw new Error(`not healthy: ${JSON.stringify(report)}\n${logs.all}`);
      }
      await sleep(100);
    }
  };
  const signal: Bundle['signal'] = async (word) => {
    await execa('docker', ['kill', '--signal', word, name]);
  };
  return { name, state, as, health, healthy, signal };
}
