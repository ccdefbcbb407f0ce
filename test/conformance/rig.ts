/** An engine in a container of its own, an outside in another, and a network that leads nowhere else. */

import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { bundle } from '../../lib/deploy/images/sidecar-context.ts';
import { baseConfig } from '../unit/scanner/support/bench.ts';
import { type Issued, issueCa, issueLeaf } from '../unit/scanner/support/certificates.ts';
import type { Entry } from '../unit/scanner/support/client.ts';
import { type Engine, type EngineName, engineName, engineOf, sidecarImage } from './engine.ts';
import type { OutsideLog } from './outside.ts';

export type Change = (config: Record<string, unknown>) => void;
export type LoggedEvent = Readonly<Record<string, unknown>>;

const PREFIX = `conformance-${process.pid}`;
/** Documentation addresses (RFC 5737) beside those of the other tests. */
const SUBNET = '203.0.113.0/27';
const docker = async (...args: string[]): Promise<string> => (await execa('docker', args)).stdout;

export class Rig {
  readonly directory = mkdtempSync(join(tmpdir(), 'claude-bottle-conformance-'));
  readonly #configFile = join(this.directory, 'pipelock.yaml');
  #containers = 0;
  #engine: Engine | undefined;
  #running = '';
  #outside = '';
  #outsideHost = '';
  #cas: { readonly proxy: Issued; readonly origin: Issued } | undefined;
  #proxyHost = '';

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('the rig was not set up');
    return this.#engine;
  }

  get proxy(): Entry {
    return { host: this.#proxyHost, port: 8888 };
  }

  get cas() {
    if (this.#cas === undefined) throw new Error('the rig was not set up');
    return this.#cas;
  }

  async setUp(name: EngineName = engineName()): Promise<void> {
    const sidecars = await sidecarImage();
    this.#engine = engineOf(name, sidecars);
    const [proxy, origin] = await Promise.all([issueCa(), issueCa()]);
    this.#cas = { proxy, origin };
    const leaf = await issueLeaf(origin, ['api.test', 'pass.test', 'other.test', '*.wild.test']);
    writeFileSync(join(this.directory, 'ca.pem'), proxy.pem);
    writeFileSync(join(this.directory, 'ca-key.pem'), proxy.sec1);
    writeFileSync(join(this.directory, 'roots.pem'), origin.pem);
    chmodSync(join(this.directory, 'ca-key.pem'), 0o600);
    await docker('network', 'create', '--internal', '--subnet', SUBNET, PREFIX);
    const program = Buffer.from(await bundle(join(import.meta.dirname, 'outside.ts'))).toString();
    this.#outside = `${PREFIX}-outside`;
    const env = { CERT: leaf.pem, KEY: leaf.key.export({ type: 'pkcs8', format: 'pem' }).toString() };
    const node = ['--entrypoint', 'node', sidecars, '-e', program];
    const run = ['run', '--detach', '--name', this.#outside, '--network', PREFIX, '--env', 'CERT', '--env', 'KEY'];
    await execa('docker', [...run, ...node], { env });
    this.#outsideHost = await this.#addressOf(this.#outside);
    await this.#until(async () => (await this.log()) !== undefined, 'the outside');
  }

  async #addressOf(container: string): Promise<string> {
    const networks = await docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', container);
    const [network] = Object.values(JSON.parse(networks) as Record<string, { IPAddress: string }>);
    return network?.IPAddress ?? '';
  }

  async #until(isSo: () => Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await isSo().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`never: ${what}\n${await this.output().catch(() => '')}`);
      await sleep(50);
    }
  }

  /** Writes the configuration by rename, as an apply does; its SHA-256. */
  write(change: Change = () => {}): string {
    const config = baseConfig('/etc/pipelock');
    config['fetch_proxy'] = { listen: '0.0.0.0:8888', monitoring: { max_requests_per_minute: 100_000 } };
    change(config);
    return this.writeText(stringify(config));
  }

  writeText(text: string): string {
    writeFileSync(`${this.#configFile}.new`, text);
    renameSync(`${this.#configFile}.new`, this.#configFile);
    return createHash('sha256').update(text).digest('hex');
  }

  #runArguments(name: string, words: readonly string[]): string[] {
    const { image, entrypoint } = this.engine;
    return [
      ['run', '--name', name, '--network', PREFIX, '--dns', this.#outsideHost, '--read-only', '--cap-drop', 'ALL'],
      ['--mount', `type=bind,source=${this.directory},target=/etc/pipelock,readonly`],
      ['--env', 'SSL_CERT_FILE=/etc/pipelock/roots.pem', '--entrypoint', entrypoint, image, ...words],
    ].flat();
  }

  /** Runs the program to its end. */
  async runOnce(...words: string[]): Promise<{ readonly code: number; readonly text: string }> {
    this.#containers += 1;
    const name = `${PREFIX}-once-${this.#containers}`;
    const [run = '', ...rest] = this.#runArguments(name, words);
    const result = await execa('docker', [run, '--rm', ...rest], { reject: false, all: true, timeout: 60_000 });
    return { code: result.exitCode ?? -1, text: result.all };
  }

  /** A fresh engine with the configuration, up and serving. */
  async start(change: Change = () => {}): Promise<string> {
    await this.stop();
    const hash = this.write(change);
    this.#containers += 1;
    this.#running = `${PREFIX}-engine-${this.#containers}`;
    const [run = '', ...rest] = this.#runArguments(this.#running, ['run', '--config', '/etc/pipelock/pipelock.yaml']);
    await docker(run, '--detach', ...rest);
    this.#proxyHost = await this.#addressOf(this.#running);
    const url = `http://${this.#proxyHost}:8888/health`;
    await this.#until(async () => (await fetch(url)).status === 200, 'health');
    return hash;
  }

  async stop(): Promise<void> {
    if (this.#running !== '') await docker('rm', '-f', this.#running);
    this.#running = '';
  }

  signal = (word: string): Promise<string> => docker('kill', '--signal', word, this.#running);
  exitCode = async (): Promise<number> => Number(await docker('wait', this.#running));

  /** Memory in MiB of the engine and its children: now, or the most that each ever had, added up. */
  async memory(field: 'VmRSS' | 'VmHWM'): Promise<number> {
    const script = `cat /proc/[0-9]*/status 2>/dev/null | grep ${field}`;
    const text = await docker('exec', this.#running, 'sh', '-c', script);
    // The shell that asks is among them, with a MiB or two.
    return [...text.matchAll(/(\d+) kB/g)].reduce((sum, [, kib]) => sum + Number(kib), 0) / 1024;
  }

  /** What the engine wrote, on stdout and stderr. */
  async output(): Promise<string> {
    return (await execa('docker', ['logs', this.#running], { all: true })).all;
  }

  async events(): Promise<readonly LoggedEvent[]> {
    const lines = (await execa('docker', ['logs', this.#running])).stdout.split('\n');
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LoggedEvent);
  }

  /** The first event that satisfies `isIt`, but for so many of the beginning; waits for it. */
  async event(isIt: (event: LoggedEvent) => boolean, what: string, from = 0): Promise<LoggedEvent> {
    let found: LoggedEvent | undefined;
    await this.#until(async () => {
      found = (await this.events()).slice(from).find(isIt);
      return found !== undefined;
    }, what);
    return found ?? {};
  }

  outputHas = (text: string): Promise<void> =>
    this.#until(async () => (await this.output()).includes(text), `"${text}" in the output`);

  async log(): Promise<OutsideLog> {
    return (await (await fetch(`http://${this.#outsideHost}:9000/`)).json()) as OutsideLog;
  }

  async forget(): Promise<void> {
    await fetch(`http://${this.#outsideHost}:9000/`, { method: 'DELETE' });
  }

  async tearDown(): Promise<void> {
    await this.stop();
    if (this.#outside !== '') await docker('rm', '-f', this.#outside);
    await execa('docker', ['network', 'rm', PREFIX], { reject: false });
    rmSync(this.directory, { recursive: true, force: true });
  }
}
