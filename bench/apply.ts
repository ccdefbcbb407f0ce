/** A live change of a running bottle's policy: from the call, and from the command, to both acknowledgements. */

import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { applyChanges, openLiveBottle } from '../lib/operate/apply/index.ts';
import { createDocker } from '../lib/operate/docker/index.ts';
import type { PolicyChange } from '../lib/operate/grants/index.ts';
import { BENCH_SLUG, benchStage } from './stage.ts';

const ROOT = join(import.meta.dirname, '..');
const HOST = 'bench.example.org';
const RUNS = 40;

const opening = { kind: 'open', host: HOST } as const satisfies PolicyChange;
const closing: PolicyChange = { kind: 'close', host: HOST };

/** `p50 123 ms, p95 145 ms (of 40)`. */
function percentiles(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms (of ${sorted.length})`;
}

async function times(runs: number, work: (run: number) => Promise<unknown>): Promise<readonly number[]> {
  const measured: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    await work(run);
    measured.push(performance.now() - started);
  }
  return measured;
}

export async function benchApply(): Promise<readonly string[]> {
  await execa('npm', ['run', 'build'], { cwd: ROOT });
  const stage = await benchStage();
  const docker = createDocker({ env: process.env });
  const record = { who: 'the bench', why: 'to measure', origin: 'allow' } as const;
  const apply = async (change: PolicyChange): Promise<void> => {
    await applyChanges(await openLiveBottle(docker, stage.home, BENCH_SLUG), [change], record);
  };
  const node = (...args: string[]) => execa(process.execPath, args, { env: { ...stage.env } });
  const cli = join(ROOT, 'build/bin/bottle.js');
  try {
    for (const change of [opening, closing]) await apply(change);
    const called = await times(RUNS, (run) => apply(run % 2 === 0 ? opening : closing));
    const command = await times(RUNS, (run) =>
      node(cli, 'allow', BENCH_SLUG, HOST, ...(run % 2 === 0 ? [] : ['--remove'])),
    );
    const exec = await times(RUNS, () => docker.run(['exec', stage.sidecar('egress'), 'true']));
    const start = await times(RUNS, () => node('-e', '0'));
    const restarted = await times(10, (run) => apply(run % 2 === 0 ? { ...opening, tlsPassthrough: true } : closing));
    return [
      `a live change, from the call to both acknowledgements: ${percentiles(called)}`,
      `bottle allow, compiled, as a whole process: ${percentiles(command)}`,
      `for comparison, one docker exec of true: ${percentiles(exec)}; node -e 0: ${percentiles(start)}`,
      `a change that restarts pipelock in place: ${percentiles(restarted.filter((_, run) => run % 2 === 0))}`,
    ];
  } finally {
    await stage.close();
  }
}
