/** egress from the sidecar image, between a client on one network and everything that may be upstream on another. */

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { ensureSidecarImage } from '../../../lib/deploy/images/index.ts';
import { silent } from '../../../lib/deploy/progress.ts';
import { CONFIG_DIR, DAEMON_UID, PRIVATE_DIR, TRUST_DIR } from '../../../lib/plan/index.ts';
import { scannerConfig, scannerContainer } from './scanner.ts';
import type { Answer, Step } from './steps.ts';

/** What arrived upstream, one record each (outside.py). */
export interface Arrival {
  readonly event: 'ready' | 'proxy' | 'origin' | 'sni' | 'dns' | 'dropped' | 'websocket';
  readonly line?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: number;
  readonly name?: string;
  readonly tls?: boolean;
  readonly data?: string;
}

/** A line of egress's own log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string };

export interface Rig {
  /** Runs probes, each over a connection of its own, from the client's side. */
  probe(...probes: (readonly Step[])[]): Promise<Answer[][]>;
  /** Runs a job of load.py from the client's side. */
  load(job: Readonly<Record<string, string | number>>): Promise<unknown>;
  /** Memory of mitmdump: the highest that it ever was, or what it is now. */
  memoryKiB(field: 'VmHWM' | 'VmRSS'): Promise<number>;
  /** Everything that arrived upstream since the rig started. */
  arrivals(): Promise<Arrival[]>;
  log(): Promise<LogLine[]>;
  /** Replaces the routes file by rename and sends SIGHUP; resolves with the line that egress logs about it. */
  reload(routes: string): Promise<LogLine>;
  /** A command in egress's container, as its user. */
  inEgress(...command: string[]): Promise<string>;
  stop(): Promise<void>;
}

const PREFIX = `egress-test-${process.pid}`;
export const LISTEN = 'listen-egress';
const PROXY = 'claude-bottle-pipelock-test';
const FIXTURES = import.meta.dirname;

async function docker(
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return (await execa('docker', args, { input, env, maxBuffer: 1 << 28 })).stdout;
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 900; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error(`waited too long for ${what}`);
}

const jsonLines = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);

/** The container's log; egress writes every line of its own to stdout. */
const logsOf = async (name: string): Promise<string> => docker(['logs', name]);

/** Why the rig cannot be built here, or undefined. */
export async function missingEngine(): Promise<string | undefined> {
  const { exitCode } = await execa('docker', ['info'], { reject: false });
  return exitCode === 0 ? undefined : 'no Docker engine answers';
}

/** The real scanner in place of the recording proxy: it dials `hosts` by their names, and refuses all others. */
export interface Chain {
  readonly hosts: readonly string[];
}

export async function startRig(routes: string, tokens: Readonly<Record<string, string>>, chain?: Chain): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'egress-test-'));
  const { tag: image } = await ensureSidecarImage({
    projectDir: directory,
    engine: 'builtin',
    env: process.env,
    progress: silent,
  });
  const names = {
    inside: `${PREFIX}-in`,
    outside: `${PREFIX}-out`,
    egress: PREFIX,
    upstream: `${PREFIX}-upstream`,
    scanner: `${PREFIX}-scanner`,
  };
  for (const name of ['certificates', 'config', 'scanner', 'trust']) mkdirSync(join(directory, name), { mode: 0o755 });
  writeFileSync(join(directory, 'trust', 'trusted-cas.pem'), '');

  const stop = async (): Promise<void> => {
    await execa('docker', ['rm', '-f', names.egress, names.upstream, names.scanner], { reject: false });
    await execa('docker', ['network', 'rm', names.inside, names.outside], { reject: false });
    rmSync(directory, { recursive: true, force: true });
  };

  const writeRoutes = (text: string): void => {
    writeFileSync(join(directory, 'config', '.new'), text, { mode: 0o644 });
    renameSync(join(directory, 'config', '.new'), join(directory, 'config', 'routes.yaml'));
  };

  const python = ['--entrypoint', 'python3', '-v', `${FIXTURES}:/fixtures:ro`];
  const certificates = ['-v', `${join(directory, 'certificates')}:/certificates`];
  try {
    writeRoutes(routes);
    await docker([
      'run',
      '--rm',
      '--network',
      'none',
      ...python,
      ...certificates,
      image,
      '/fixtures/certificates.py',
      '/certificates',
    ]);
    await docker(['network', 'create', names.inside]);
    await docker(['network', 'create', names.outside]);
    const alias = chain === undefined ? ['--network-alias', PROXY] : [];
    const upstream = ['--network', names.outside, ...alias, ...python, ...certificates];
    await docker([
      'run',
      '-d',
      '--name',
      names.upstream,
      ...upstream,
      image,
      '/fixtures/outside.py',
      '/certificates/origin.pem',
      ...(chain?.hosts ?? []),
    ]);
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const resolver = (await docker(['inspect', '-f', format, names.upstream])).trim();
    if (chain !== undefined) {
      writeFileSync(join(directory, 'scanner', 'pipelock.yaml'), scannerConfig(`${PROXY}:8888`, chain.hosts));
      const place = { name: names.scanner, network: names.outside, alias: PROXY, resolver, image, directory };
      await docker(scannerContainer(place));
      await until('the scanner', async () => {
        const { all } = await execa('docker', ['logs', names.scanner], { all: true });
        const state = await docker(['inspect', '-f', '{{.State.Running}}', names.scanner]);
        if (state.trim() !== 'true') throw new Error(`the scanner ended: ${all}`);
        return all.includes('"startup"') || undefined;
      });
    }
    const { egress: uid } = DAEMON_UID;
    await docker(
      [
        'create',
        '--name',
        names.egress,
        '--network',
        names.inside,
        '--network-alias',
        LISTEN,
        '--dns',
        resolver,
        '--read-only',
        '--cap-drop',
        'ALL',
        '--security-opt',
        'no-new-privileges',
        '--user',
        `${uid}:${uid}`,
        '--tmpfs',
        `${PRIVATE_DIR.egress}:uid=${uid},gid=${uid},mode=0700`,
        '--tmpfs',
        '/tmp',
        '-v',
        `${join(directory, 'config')}:${CONFIG_DIR.egress}:ro`,
        '-v',
        `${join(directory, 'trust')}:${TRUST_DIR}:ro`,
        ...certificates,
        '-e',
        'HOME=/home/mitmproxy',
        '-e',
        `EGRESS_UPSTREAM_PROXY=http://${PROXY}:8888`,
        '-e',
        `EGRESS_UPSTREAM_CA=${PRIVATE_DIR.egress}/pipelock-ca.pem`,
        ...Object.keys(tokens).flatMap((name) => ['-e', name]),
        '--entrypoint',
        'sh',
        image,
        '-c',
        `cp /certificates/mitmproxy-ca.pem /certificates/pipelock-ca.pem ${PRIVATE_DIR.egress}/
       exec tini -s -- egress_entrypoint.sh`,
      ],
      '',
      tokens,
    );
    await docker(['network', 'connect', names.outside, names.egress]);
    await docker(['start', names.egress]);
    const log = async (): Promise<LogLine[]> => jsonLines<LogLine>(await logsOf(names.egress));
    const begun = await until('egress to listen', async () =>
      (await log()).find(({ event }) => event === 'listening' || event === 'stopped'),
    );
    if (begun.event === 'stopped') throw new Error('egress stopped');
    const client = ['run', '-i', '--rm', '--network', names.inside, ...python, ...certificates, image];
    const fromClient = async (program: string, input: unknown): Promise<unknown> =>
      JSON.parse(
        await docker([...client, `/fixtures/${program}`, LISTEN, '/certificates/egress-ca.pem'], JSON.stringify(input)),
      );
    const inEgress = (...command: string[]): Promise<string> => docker(['exec', names.egress, ...command]);
    return {
      probe: async (...probes) => (await fromClient('client.py', probes)) as Answer[][],
      load: (job) => fromClient('load.py', job),
      memoryKiB: async (field) => {
        const pid = (await inEgress('pidof', '-s', 'python3', 'mitmdump')).trim();
        const status = await inEgress('cat', `/proc/${pid}/status`);
        return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]);
      },
      arrivals: async () => jsonLines<Arrival>(await logsOf(names.upstream)),
      log,
      reload: async (text) => {
        const seen = (await log()).filter(({ event }) => event === 'routes').length;
        writeRoutes(text);
        await docker(['kill', '--signal', 'HUP', names.egress]);
        return until('the reload', async () => (await log()).filter(({ event }) => event === 'routes')[seen]);
      },
      inEgress,
      stop,
    };
  } catch (error) {
    const logs = await execa('docker', ['logs', names.egress], { reject: false, all: true });
    await stop();
    throw new Error(`the rig did not start: ${String(error)}\n${logs.all ?? ''}`);
  }
}
