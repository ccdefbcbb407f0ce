/** The init of the sidecar bundle as a process: forwarding, stopping, starting, and asking for its health. */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import type { FakeDaemon, FakeSpec } from '../test/unit/init/entry.ts';
import { spread, spreadText } from './statistics.ts';

const ROOT = join(import.meta.dirname, '..');
const HEALTH = join(ROOT, 'images/sidecars/health/bundle-health');
const NAMES = ['egress', 'pipelock', 'git-gate', 'supervise'];
const ROUNDS = 5;
const MEBIBYTE = 1024 * 1024;
const FILE_MEBIBYTES = 64;
/** How often the file is written in one run. */
const FILES = 8;

type Prefixer = (name: string) => string;

/** Prefixers of lines, at their fastest: what they print comes in blocks, and late. `s6-log` where it is installed. */
const BLOCKS: Readonly<Record<string, Prefixer>> = {
  sed: (name) => `sed 's/^/[${name}] /'`,
  awk: (name) => `awk '{print "[${name}] " $0}'`,
  perl: (name) => `perl -ne 'print "[${name}] ", $_'`,
  's6-log': (name) => `s6-log -b 'p[${name}]' 1`,
};

/** The same with each line at once. Only so do several that share a pipe leave each other's lines whole. */
const LINES: Readonly<Record<string, Prefixer>> = {
  stdbuf: (name) => `stdbuf -oL sed 's/^/[${name}] /'`,
  perl: (name) => `perl -ne 'BEGIN { $| = 1 } print "[${name}] ", $_'`,
  awk: (name) => `awk '{print "[${name}] " $0; fflush()}'`,
};

const isInstalled = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Lines as the daemons write them: 64 MiB of JSON, 160 bytes each on average. */
function logText(): string {
  const lines: string[] = [];
  for (let bytes = 0, n = 0; bytes < FILE_MEBIBYTES * MEBIBYTE; n += 1) {
    const note = n % 7 === 0 ? `,"note":"${'x'.repeat(n % 300)}"` : '';
    const line = `{"time":"2026-01-02T03:04:05.678Z","level":"info","event":"allowed","method":"GET","url":"https://api.example.test/repos/acme/app/${n}"${note}}\n`;
    lines.push(line);
    bytes += line.length;
  }
  return lines.join('');
}

class Stage {
  readonly #directory = mkdtempSync(join(tmpdir(), 'claude-bottle-bench-init-'));
  readonly #entry = join(this.#directory, 'init.cjs');
  readonly #log = join(this.#directory, 'log');
  #count = 0;

  constructor() {
    const outfile = this.#entry;
    const entryPoints = [join(ROOT, 'test/unit/init/entry.ts')];
    buildSync({
      entryPoints,
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
    });
    writeFileSync(this.#log, logText());
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Prints the log `times` times. */
  catCommand(times: number): string {
    return `cat ${Array<string>(times).fill(this.#log).join(' ')}`;
  }

  /** The argv of an init with these daemons, and its run directory. */
  init(daemons: readonly FakeDaemon[], restart: FakeSpec['restart'] = {}): { argv: string[]; socket: string } {
    this.#count += 1;
    const runDir = join(this.#directory, `run${this.#count}`);
    mkdirSync(runDir);
    const file = join(runDir, 'spec.json');
    const spec: FakeSpec = { daemons, runDir, graceMs: 8_000, restart };
    writeFileSync(file, JSON.stringify(spec));
    const reaper = isInstalled('tini') ? ['tini', '-s', '--'] : [];
    return { argv: [...reaper, process.execPath, this.#entry, file], socket: join(runDir, 'health.sock') };
  }
}

/** MiB/s of a command that prints the file so often, with a `cat` as its reader. */
function throughput(command: string): number {
  const begun = performance.now();
  execFileSync('sh', ['-c', `{ ${command}; } | cat >/dev/null`], { stdio: 'ignore' });
  return ((FILE_MEBIBYTES * FILES) / (performance.now() - begun)) * 1_000;
}

const script = (name: string, body: string): FakeDaemon => ({ name, argv: ['sh', '-c', body] });

/** One writer against the fastest prefixers, four against those that keep lines whole. */
function benchForwarding(stage: Stage): readonly string[] {
  return [
    { writers: 1, prefixers: BLOCKS },
    { writers: 4, prefixers: LINES },
  ].map(({ writers, prefixers }) => {
    const names = NAMES.slice(0, writers);
    const command = stage.catCommand(FILES / writers);
    const rivals = Object.entries(prefixers).filter(([program]) => isInstalled(program));
    const pipelineOf = (prefix: Prefixer): string =>
      `${names.map((name) => `{ ${command} | ${prefix(name)}; } &`).join(' ')} wait`;
    const ours: number[] = [];
    const theirs = new Map(rivals.map(([program]) => [program, [] as number[]]));
    for (let round = 0; round < ROUNDS; round += 1) {
      const { argv } = stage.init(
        names.map((name) => script(name, command)),
        'never',
      );
      ours.push(throughput(argv.join(' ')));
      for (const [program, prefix] of rivals) theirs.get(program)?.push(throughput(pipelineOf(prefix)));
    }
    const best = ours.map((_, round) => Math.max(...[...theirs.values()].map((values) => values[round] ?? 0)));
    const ratio = spread(ours.map((value, round) => value / (best[round] ?? 1)));
    const others = [...theirs].map(([program, values]) => `${program} ${spread(values).median.toFixed(0)}`).join(', ');
    const verdict = ratio.median >= 0.8 ? 'holds' : 'MISSED';
    const what = writers === 1 ? 'one writer, prefixers by blocks' : 'four writers, prefixers by lines';
    return `forwarding, ${what}: ${spreadText(spread(ours), 0)} MiB/s, start of Node included; ${others}; ratio to the best of each round ${spreadText(ratio, 2)}; at least 0.8: ${verdict}`;
  });
}

async function printed(child: ChildProcess, wanted: string, times: number): Promise<void> {
  let text = '';
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.split(wanted).length > times) resolve();
    });
  });
}

const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];

function started(argv: readonly string[]): ChildProcess {
  const [program = '', ...args] = argv;
  return spawn(program, args, { stdio });
}

/** Milliseconds from SIGTERM to the end of the init. */
async function stopTime(child: ChildProcess): Promise<number> {
  const asked = performance.now();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  return performance.now() - asked;
}

async function benchStop(stage: Stage): Promise<readonly string[]> {
  const slowest = 300;
  const delays = [0, 50, 100, slowest];
  const excess: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const daemons = NAMES.map((name, index) => {
      const program = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), ${delays[index]})); setInterval(() => {}, 1000); console.log('ready');`;
      return { name, argv: [process.execPath, '-e', program] } satisfies FakeDaemon;
    });
    const child = started(stage.init(daemons).argv);
    await printed(child, '] ready', NAMES.length);
    excess.push((await stopTime(child)) - slowest);
  }
  const verdict = spread(excess).median <= 100 ? 'holds' : 'MISSED';
  return [
    `SIGTERM to the end of the init, beyond its slowest daemon: ${spreadText(spread(excess))} ms; at most 100: ${verdict}`,
  ];
}

/** Resident kB of `pid`. */
const resident = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** The only process that `pid` has started and that is a Node; `pid` itself if it is one. */
function nodeOf(pid: number): number {
  if (!isInstalled('tini')) return pid;
  const [child] = readdirSync('/proc').filter((name) => {
    try {
      return new RegExp(`^PPid:\\t${pid}$`, 'm').test(readFileSync(`/proc/${name}/status`, 'utf8'));
    } catch {
      return false;
    }
  });
  return Number(child);
}

async function benchIdle(stage: Stage): Promise<readonly string[]> {
  const starts: number[] = [];
  const stops: number[] = [];
  const memory: number[] = [];
  const health: number[] = [];
  const waits: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { argv, socket } = stage.init(NAMES.map((name) => script(name, 'exec sleep 1000')));
    const begun = performance.now();
    const child = started(argv);
    await printed(child, ': started, pid', NAMES.length);
    starts.push(performance.now() - begun);
    await sleep(1_000);
    const [reaper, node] = [child.pid ?? 0, nodeOf(child.pid ?? 0)];
    memory.push((resident(node) + (reaper === node ? 0 : resident(reaper))) / 1024);
    for (const [args, times] of [
      [[], health],
      [['--reload', '--within', '1'], waits],
    ] as const) {
      const asked = performance.now();
      spawnSync(HEALTH, ['--socket', socket, ...args]);
      times.push(performance.now() - asked);
    }
    stops.push(await stopTime(child));
  }
  return [
    `with four idle children: ${spreadText(spread(starts), 0)} ms to the last start, ${spreadText(spread(memory))} MiB resident (reaper and init), ${spreadText(spread(stops), 0)} ms to stop`,
    `bundle-health as a process: ${spreadText(spread(health))} ms; with --reload and nothing to wait for: ${spreadText(spread(waits))} ms`,
  ];
}

export async function benchInit(): Promise<readonly string[]> {
  const stage = new Stage();
  try {
    return [...benchForwarding(stage), ...(await benchStop(stage)), ...(await benchIdle(stage))];
  } finally {
    stage.close();
  }
}
