/** A sidecar container as a deployed bottle has it, alone on a network without a way out. */

import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, execaSync } from 'execa';
import type { HealthReport } from '../../../images/sidecars/init/health-report.ts';
import { mintAuthority } from '../../../lib/deploy/certificates/index.ts';
import { ensureSidecarImage } from '../../../lib/deploy/images/index.ts';
import { silent } from '../../../lib/deploy/progress.ts';
import {
  CONFIG_DIR,
  CONFIG_FILE,
  DAEMON_UID,
  DAEMONS,
  type Daemon,
  EVENTS_DIR,
  gitKeyFile,
  longAlias,
  PRIVATE_DIR,
  SECRET_DIR,
  SECRET_FILE,
  SUPERVISE_QUEUE_DIR,
  TRUST_DIR,
} from '../../../lib/plan/index.ts';
import { renderBottle } from '../../../lib/render/index.ts';
import { fullMatrix, SLUG } from '../../support/plans.ts';
import { type Suite, suite } from '../../support/suite.ts';

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-init-image-'));
/** Each with a network of its own: the aliases of two bundles on one network would be ambiguous. */
const containers: string[] = [];
export const TOKEN = 'canary-token-value';
const CAPABILITIES = ['SETUID', 'SETGID', 'KILL'];
let image = '';
let authority = { certificate: '', key: '' };

/** Why this machine cannot run such a container; undefined where it can. */
function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make the files of several owners that these tests mount';
  const engine = execaSync('docker', ['version'], { reject: false });
  return engine.exitCode === 0 ? undefined : 'no container engine answers';
}

/** A suite over such containers, ended after each test; `add` adds the tests where they can run. */
export function bundleSuite(title: string, add: (test: Suite) => void): void {
  const test = suite(title, { timeoutMs: 600_000 });
  const reason = obstacle();
  if (reason === undefined) {
    test.before(setUp);
    test.afterEach(removeContainers);
    test.after(tearDown);
    add(test);
  } else {
    test.skip('everything', reason);
  }
  test.run();
}

/** Image and CA of all tests. */
async function setUp(): Promise<void> {
  const { tag } = await ensureSidecarImage({
    projectDir: scratch,
    engine: 'builtin',
    env: process.env,
    progress: silent,
  });
  image = tag;
  authority = await mintAuthority('pipelock', SLUG);
}

async function removeContainers(): Promise<void> {
  await Promise.all(
    containers.splice(0).map(async (name) => {
      await execa('docker', ['rm', '-f', name]);
      await execa('docker', ['network', 'rm', name], { reject: false });
    }),
  );
}

async function tearDown(): Promise<void> {
  rmSync(scratch, { recursive: true, force: true });
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
  for (const name of ['queue', 'events']) {
    mkdirSync(join(state, name));
    chownSync(join(state, name), owner, owner);
    chmodSync(join(state, name), name === 'queue' ? 0o2770 : 0o2750);
  }
  return state;
}

export interface Bundle {
  readonly name: string;
  readonly state: string;
  /** The result of a command in the container as user `uid`; never rejects. */
  as(uid: number, ...command: string[]): Promise<{ readonly code: number; readonly text: string }>;
  health(): Promise<HealthReport>;
  /** `bundle-health` with these arguments. */
  ask(...args: string[]): Promise<{ readonly code: number; readonly report: HealthReport }>;
  healthy(): Promise<HealthReport>;
  /** Resolves when `holds` does of a report. */
  until(what: string, holds: (report: HealthReport) => boolean, seconds?: number): Promise<HealthReport>;
  logs(): Promise<string>;
  /** Waits for the end of the container; its exit code. */
  exitCode(): Promise<number>;
  signal(name: string): Promise<void>;
}

/** What a test changes in a container. */
export interface Changes {
  /** Runs in place of the image's entry point. */
  readonly shell?: string;
  /** Text that takes the place of a file in the container; executable. */
  readonly file?: { readonly path: string; readonly text: string };
  /** `NAME=value`. */
  readonly env?: readonly string[];
}

/** A container alone on a network without a way out. `user` is its user where that is not root. */
export async function startBundle(
  daemons: readonly Daemon[],
  owner: number,
  user?: number,
  { shell, file, env = [] }: Changes = {},
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
    ['run', '--detach', '--name', name, '--network', name, '--read-only', '--pids-limit', '512'],
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
    mount('events', EVENTS_DIR, ''),
    env.flatMap((variable) => ['--env', variable]),
    ['--env', `CLAUDE_BOTTLE_SIDECAR_DAEMONS=${daemons.join(',')}`],
    ['--env', `EGRESS_UPSTREAM_PROXY=http://${longAlias('pipelock', SLUG)}:8888`],
    ['--env', `EGRESS_UPSTREAM_CA=${PRIVATE_DIR.egress}/${SECRET_FILE.pipelockCa}`],
    ['--env', 'EGRESS_TOKEN_0', '--env', 'EGRESS_TOKEN_1'],
    ['--env', `SUPERVISE_BOTTLE_SLUG=${SLUG}`, '--env', `SUPERVISE_QUEUE_DIR=${SUPERVISE_QUEUE_DIR}`],
    ['--env', 'SUPERVISE_PORT=9100'],
    file === undefined ? [] : mount('changed-file', file.path),
    shell === undefined ? [image] : ['--entrypoint', 'sh', image, '-c', shell],
  ].flat();
  if (file !== undefined) writeFileSync(join(state, 'changed-file'), file.text, { mode: 0o755 });
  const isolated = 'com.docker.network.bridge.inhibit_ipv4=true';
  await execa('docker', ['network', 'create', '--internal', '--opt', isolated, name]);
  await execa('docker', run, { env: { EGRESS_TOKEN_0: TOKEN, EGRESS_TOKEN_1: TOKEN } });

  const as: Bundle['as'] = async (uid, ...command) => {
    const result = await execa(
      'docker',
      ['exec', '--user', `${uid}:${uid === DAEMON_UID.supervise ? owner : uid}`, name, ...command],
      { reject: false },
    );
    return { code: result.exitCode ?? 1, text: `${result.stdout}${result.stderr}` };
  };
  const ask: Bundle['ask'] = async (...args) => {
    const command = ['exec', name, '/usr/local/bin/bundle-health', ...args];
    const { stdout, exitCode } = await execa('docker', command, { reject: false });
    const report = stdout.startsWith('{') ? JSON.parse(stdout) : { healthy: false, daemons: {} };
    return { code: exitCode ?? 1, report };
  };
  const health: Bundle['health'] = async () => (await ask()).report;
  const logs: Bundle['logs'] = async () => (await execa('docker', ['logs', name], { all: true, reject: false })).all;
  const until: Bundle['until'] = async (what, holds, seconds = 40) => {
    const deadline = Date.now() + seconds * 1_000;
    for (;;) {
      const report = await health();
      if (holds(report)) return report;
      if (Date.now() > deadline) {
        const tail = (await logs()).split('\n').slice(-40).join('\n');
        throw new Error(`waited ${seconds} s for ${what}: ${JSON.stringify(report)}\n${tail}`);
      }
      await sleep(100);
    }
  };
  const healthy: Bundle['healthy'] = () => until('health', (report) => report.healthy);
  const exitCode: Bundle['exitCode'] = async () => Number((await execa('docker', ['wait', name])).stdout);
  const signal: Bundle['signal'] = async (word) => {
    await execa('docker', ['kill', '--signal', word, name]);
  };
  return { name, state, as, health, ask, healthy, until, logs, exitCode, signal };
}

/** The pid of a daemon in a report; 0 while it has none. */
export const pidIn = (report: HealthReport, daemon: Daemon): number => report.daemons[daemon]?.pid ?? 0;

/** The file on the host that is mounted as a daemon's policy. */
export const policyFile = (state: string, daemon: Daemon): string =>
  join(state, daemon, CONFIG_FILE[daemon].slice(CONFIG_DIR[daemon].length + 1));

export const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Replaces a daemon's policy by rename, as an apply does; the digest of the new one. */
export function changePolicy(state: string, daemon: Daemon, change: (text: string) => string): string {
  const file = policyFile(state, daemon);
  writeFileSync(`${file}.new`, change(readFileSync(file, 'utf8')));
  renameSync(`${file}.new`, file);
  return sha256(file);
}
