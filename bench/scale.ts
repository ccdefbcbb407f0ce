/** Many bottles in one app: time and peak memory of each size against the floor, and a synth that changes nothing. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { spread, spreadText } from './statistics.ts';

const ROOT = join(import.meta.dirname, '..');
/** Bottles, and how often each size is measured: the large ones take long, and are less noisy. */
const SIZES = [
  [1, 5],
  [10, 5],
  [100, 5],
  [1_000, 3],
  [10_000, 1],
] as const;

interface Run {
  readonly milliseconds: number;
  /** CPU time in milliseconds without the system's, which varies with what else uses the file system. */
  readonly user: number;
  readonly mebibytes: number;
}

async function run(program: string, output: string, environment: Record<string, string>): Promise<Run> {
  const started = performance.now();
  const { stdout } = await execa(process.execPath, [join(ROOT, 'bench/scale', program)], {
    cwd: ROOT,
    env: { CLAUDE_BOTTLE_OUTDIR: output, ...environment },
  });
  const milliseconds = performance.now() - started;
  const [kibibytes = 0, microseconds = 0] = (stdout.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { milliseconds, user: microseconds / 1_000, mebibytes: kibibytes / 1_024 };
}

const time = (runs: readonly Run[]) => spread(runs.map(({ milliseconds }) => milliseconds));
const user = (runs: readonly Run[]) => spread(runs.map((run) => run.user)).min;
const memory = (runs: readonly Run[]) => spread(runs.map(({ mebibytes }) => mebibytes));

async function measure(scratch: string, bottles: number, times: number): Promise<string> {
  const output = join(scratch, 'output');
  const floor = join(scratch, 'floor');
  const environment = { BOTTLES: String(bottles), BOTTLE: join(scratch, 'one/demo-0') };
  const ours: Run[] = [];
  const again: Run[] = [];
  const floors: Run[] = [];
  for (let number = 0; number < times; number += 1) {
    ours.push(await run('definition.mjs', output, environment));
    again.push(await run('definition.mjs', output, environment));
    floors.push(await run('floor.mjs', floor, environment));
    rmSync(output, { recursive: true });
    rmSync(floor, { recursive: true });
  }
  const ratio = spread(ours.map(({ milliseconds }, index) => milliseconds / (floors[index]?.milliseconds ?? 1)));
  const each = (value: number): string => (value / bottles).toFixed(2);
  return [
    `${bottles} bottles: user time ${user(ours).toFixed(0)} ms, ${each(user(ours))} ms a bottle`,
    `wall ${spreadText(time(ours), 0)} ms, ${each(time(ours).min)} ms a bottle`,
    `peak ${memory(ours).median.toFixed(0)} MiB, ${each(memory(ours).median * 1_024)} KiB a bottle`,
    `floor: user time ${user(floors).toFixed(0)} ms, wall ${spreadText(time(floors), 0)} ms, peak ${memory(floors).median.toFixed(0)} MiB`,
    `ratio of user time ${(user(ours) / user(floors)).toFixed(2)}, of wall time ${spreadText(ratio, 2)}`,
    `again with nothing changed: user time ${user(again).toFixed(0)} ms, wall ${spreadText(time(again), 0)} ms`,
  ].join('; ');
}

export async function benchScale(): Promise<readonly string[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-bench-'));
  try {
    await execa('npm', ['run', 'build'], { cwd: ROOT });
    mkdirSync(join(scratch, 'floor'));
    await run('definition.mjs', join(scratch, 'one'), { BOTTLES: '1' });
    const lines: string[] = [];
    for (const [bottles, times] of SIZES) lines.push(await measure(scratch, bottles, times));
    return lines;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
