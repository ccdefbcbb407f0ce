/** Starts the init as a real process on fake daemons and watches it. */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { execa } from 'execa';
import type { HealthReport } from '../../../images/sidecars/init/health-report.ts';
import type { FakeDaemon, FakeSpec } from './entry.ts';

const ROOT = join(import.meta.dirname, '../../..');
export const BUNDLE_HEALTH = join(ROOT, 'images/sidecars/health/bundle-health');

export const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-init-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** One CommonJS file, as the image gets it. */
export function bundled(entry: string): string {
  const outfile = join(scratch, 'bundles', entry.replace(/\W/g, '_').concat('.cjs'));
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningInit {
  readonly process: ChildProcess;
  readonly runDir: string;
  /** The reader of its stdout, to be stalled or destroyed. */
  readonly stdout: Readable;
  /** Resolves when the process has ended and its stdout is read to the end or destroyed. */
  readonly exited: Promise<Exit>;
  /** All of stdout so far, as bytes. */
  output(): Buffer;
  text(): string;
  errors(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stdout holds `wanted` `times` times. */
  printed(wanted: string, times?: number): Promise<void>;
  /** What `bundle-health` says, with these arguments. */
  health(...args: string[]): { readonly report: HealthReport; readonly code: number | null; readonly errors: string };
  /** The same without blocking this process, which reads the init's output. */
  healthLater(...args: string[]): Promise<{ readonly report: HealthReport; readonly code: number | null }>;
  /** The pid of a daemon's leader, once it has one that is not `other`. */
  pidOf(name: string, other?: number): Promise<number>;
}

/** Resolves when `holds` does; rejects after `timeoutMs`, saying what was waited for. */
export async function until(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 12_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline)
      throw new Error(`waited ${timeoutMs} ms for ${typeof what === 'string' ? what : what()}`);
    await sleep(10);
  }
}

/** Every init that a test left running; ended after the test, whatever happened. */
const running = new Set<ChildProcess>();

export async function endAll(): Promise<void> {
  const inits = [...running];
  for (const init of inits) init.kill('SIGTERM');
  await Promise.all(inits.map((init) => new Promise((resolve) => init.once('close', resolve))));
}

/** Both ends of a pipe, as a container engine gives it: Node's own `stdio: 'pipe'` is a socket pair, which holds more. */
function openPipe(): { readonly reader: Socket; readonly writeEnd: number } {
  const directory = mkdtempSync(join(scratch, 'stdout-'));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  rmSync(directory, { recursive: true });
  return { reader: new Socket({ fd: readEnd, readable: true, writable: false }), writeEnd };
}

/** A process of an init, with its output collected; `reaper` is what starts it, as tini does in the image. */
export function started(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  runDir: string,
  reaper: readonly string[] = [],
): RunningInit {
  const { reader: stdout, writeEnd } = openPipe();
  const [program = '', ...args] = [...reaper, process.execPath, ...argv];
  const child = spawn(program, args, { env, stdio: ['ignore', writeEnd, 'pipe'] });
  closeSync(writeEnd);
  running.add(child);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const read = new Promise((resolve) => stdout.once('close', resolve));
  const ended = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const exited = Promise.all([ended, read]).then(([exit]) => exit);
  const text = (): string => Buffer.concat(out).toString();
  const reportIn = (text: string): HealthReport => (text === '' ? { healthy: false, daemons: {} } : JSON.parse(text));
  const socket = ['--socket', join(runDir, 'health.sock')];
  const health = (...args: string[]): ReturnType<RunningInit['health']> => {
    const { stdout, stderr, status } = spawnSync(BUNDLE_HEALTH, [...socket, ...args], { encoding: 'utf8' });
    return { report: reportIn(stdout), code: status, errors: stderr };
  };
  const healthLater: RunningInit['healthLater'] = async (...args) => {
    const { stdout, exitCode } = await execa(BUNDLE_HEALTH, [...socket, ...args], { reject: false });
    return { report: reportIn(stdout), code: exitCode ?? null };
  };
  return {
    process: child,
    runDir,
    stdout,
    exited,
    output: () => Buffer.concat(out),
    text,
    errors: () => Buffer.concat(err).toString(),
    kill: (signal) => {
      child.kill(signal);
    },
    printed: (wanted, times = 1) =>
      until(
        () => `${JSON.stringify(wanted)} in:\n${text()}`,
        () => text().split(wanted).length > times,
      ),
    health,
    healthLater,
    pidOf: async (name, other) => {
      let pid: number | null | undefined;
      await until(`a pid of ${name}`, () => {
        pid = health().report.daemons[name]?.pid;
        return typeof pid === 'number' && pid !== other;
      });
      return Number(pid);
    },
  };
}

const entry = bundled('test/unit/init/entry.ts');
let count = 0;

/** Back-off that no test waits for. */
export const SLOW = { firstDelayMs: 60_000, longestDelayMs: 60_000 } as const;
/** Back-off for tests that wait for many restarts. */
export const QUICK = { firstDelayMs: 50, longestDelayMs: 50 } as const;

/** An init with these daemons; grace and back-off are short unless given. */
export function startInit(
  daemons: readonly FakeDaemon[],
  options: Partial<FakeSpec> = {},
  reaper: readonly string[] = [],
): RunningInit {
  count += 1;
  const runDir = mkdtempSync(join(scratch, `run${count}-`));
  const spec: FakeSpec = { daemons, runDir, graceMs: 500, restart: { firstDelayMs: 100 }, ...options };
  const file = join(scratch, `spec${count}.json`);
  writeFileSync(file, JSON.stringify(spec));
  return started([entry, file], process.env, runDir, reaper);
}

/** Starts an init as the image does, behind a reaper that is a subreaper. */
export const TINI = ['tini', '-s', '--'] as const;

/** Why a test behind {@link TINI} cannot run here; undefined where it can. */
export const withoutTini = (): string | undefined =>
  spawnSync('tini', ['--version']).status === 0 ? undefined : 'tini is not installed here';

/** A daemon that is a shell script. */
export function script(name: string, body: string, more: Partial<FakeDaemon> = {}): FakeDaemon {
  return { name, argv: ['sh', '-c', body], ...more };
}

/** A daemon that prints `ready`, reports the signals it can catch, and ends on SIGTERM. */
export function listener(name: string, more: Partial<FakeDaemon> = {}): FakeDaemon {
  const program = `
    for (const name of ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT']) process.on(name, () => console.log('got', name));
    process.on('SIGTERM', () => process.exit(0));
    setInterval(() => {}, 1000);
    console.log('ready');`;
  return { name, argv: [process.execPath, '-e', program], ...more };
}

/** True if `pid` is a process that lives: a zombie does not. */
export function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
