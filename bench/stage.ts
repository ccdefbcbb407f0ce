/** The demo's bottle beside its internet, for the benches that measure one. */

import { join } from 'node:path';
import { docker } from '../examples/demo/internet/docker.ts';
import { type OpenStage, openStage } from '../examples/demo/stage.ts';
import type { Shape } from '../lib/plan/index.ts';

export const BENCH_SLUG = 'demo-bench';

export const benchStage = (shape?: Shape): Promise<OpenStage> =>
  openStage({
    definition: join(import.meta.dirname, '../examples/demo/app.ts'),
    slug: BENCH_SLUG,
    suffix: 'bench',
    subnet: '198.51.100.128/26',
    output: 'ignore',
    ...(shape === undefined ? {} : { shape }),
  });

/** What the engine counts as a container's memory, in its own words: `157.3MiB`. */
export async function memoryOf(container: string): Promise<string> {
  const usage = await docker(['stats', '--no-stream', '--format', '{{.MemUsage}}', container]);
  return usage.split(' / ')[0]?.trim() ?? '?';
}

/** CPU seconds that a container has used: from its cgroup, v2 or v1. */
export async function cpuSeconds(container: string): Promise<number> {
  const script =
    "awk '/usage_usec/{print $2/1e6}' /sys/fs/cgroup/cpu.stat 2>/dev/null || awk '{print $1/1e9}' /sys/fs/cgroup/cpuacct/cpuacct.usage";
  return Number(await docker(['exec', container, 'sh', '-c', script]));
}
