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
  readonly mebibytes: number;
}

async function run(program: string, output: string, environment: Record<string, string>): Promise<Run> {
  const started = performance.now();
  const { stdout } = await execa(process.execPath, [join(ROOT, 'bench/scale', program)], {
    cwd: ROOT,
    env: { CLAUDE_BOTTLE_OUTDIR: output, ...environment },
  });
  const kibibytes = Number(stdout.trim().split('\n').at(-1));
  return { milliseconds: performance.now() - started, mebibytes: kibibytes / 1024 };
}

const time = (runs: readonly Run[]) => spread(runs.map(({ milliseconds }) => milliseconds));
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
  return [
    `${bottles} bottles: ${spreadText(time(ours), 0)} ms, ${(time(ours).median / bottles).toFixed(2)} ms a bottle`,
    `peak ${memory(ours).median.toFixed(0)} MiB`,
    `floor ${spreadText(time(floors), 0)} ms, peak ${memory(floors).median.toFixed(0)} MiB`,
    `ratio of time ${spreadText(ratio, 2)}`,
    `again with nothing changed ${spreadText(time(again), 0)} ms`,
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
