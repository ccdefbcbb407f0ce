/** Bundle against split, pair by pair in one run: until the first allowed request, a request, and what both hold. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { docker } from '../examples/demo/internet/docker.ts';
import { SITES } from '../examples/demo/internet/internet.ts';
import { type OpenStage, openStage } from '../examples/demo/stage.ts';
import { AGENT_CA_BUNDLE, SHAPES, type Shape } from '../lib/plan/index.ts';
import { PROXY_CLIENT } from './proxy-client.ts';
import { cpuSeconds } from './stage.ts';
import { spread, spreadText } from './statistics.ts';

const SLUG = 'demo-shapes';
const RUNS = 3;
const IDLE_SECONDS = 20;
const REQUESTS = 200;

type Figures = Record<'deploy' | 'compose' | 'kept' | 'fresh' | 'memory' | 'cpu', number[]>;

const none = (): Figures => ({ deploy: [], compose: [], kept: [], fresh: [], memory: [], cpu: [] });

/** Until the agent's request for an allowed URL is answered with 200. */
async function firstRequest({ agent }: OpenStage): Promise<void> {
  const ask = `curl -s -o /dev/null -w '%{http_code}' --max-time 5 https://${SITES.allowed}/v1/first`;
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(20)) {
    if ((await agent(ask)).stdout.trim() === '200') return;
  }
  throw new Error('no request was allowed within two minutes');
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** MiB and seconds of CPU that the sidecars have, all together. */
async function holdings({ daemons, sidecar }: OpenStage): Promise<{ memory: number; cpu: number }> {
  const containers = [...new Set(daemons.map(sidecar))];
  const cpu = await Promise.all(containers.map(cpuSeconds));
  const usage = await docker(['stats', '--no-stream', '--format', '{{.MemUsage}}', ...containers]);
  const memory = [...usage.matchAll(/^([\d.]+)MiB/gm)].map(([, text]) => Number(text));
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  return { memory: sum(memory), cpu: sum(cpu) };
}

async function measure(stage: OpenStage, shape: Shape, figures: Figures): Promise<void> {
  const state = join(stage.home, 'state', SLUG);
  const compose = (...args: string[]) =>
    execa('docker', ['compose', '--project-directory', state, ...args], { cwd: state, env: { ...stage.env } });
  await stage.bottle('destroy', SLUG, '--yes');
  const deployed = async (): Promise<void> => {
    await stage.deploy(shape);
    await firstRequest(stage);
  };
  figures.deploy.push(await milliseconds(deployed));
  await compose('down');
  const composed = async (): Promise<void> => {
    await compose('up', '--detach', '--wait');
    await firstRequest(stage);
  };
  figures.compose.push(await milliseconds(composed));

  const client = ['node', '-e', PROXY_CLIENT, 'egress', '9099', SITES.allowed, AGENT_CA_BUNDLE, String(REQUESTS)];
  const latency = JSON.parse(await docker(['exec', `claude-bottle-${SLUG}`, ...client])) as Record<string, number>;
  figures.kept.push(latency['kept'] ?? Number.NaN);
  figures.fresh.push(latency['fresh'] ?? Number.NaN);
  const before = await holdings(stage);
  await sleep(IDLE_SECONDS * 1000);
  const after = await holdings(stage);
  figures.memory.push(after.memory);
  figures.cpu.push(((after.cpu - before.cpu) / IDLE_SECONDS) * 100);
}

const ROWS: readonly (readonly [keyof Figures, string, unit: string, digits: number])[] = [
  ['compose', 'first allowed request after docker compose up --wait', 'ms', 0],
  ['deploy', 'first allowed request after bottle deploy, from TypeScript', 'ms', 0],
  ['kept', 'a request of the agent on a kept connection', 'ms', 2],
  ['fresh', 'a request of the agent on a new connection', 'ms', 2],
  ['memory', 'memory of the sidecars after these requests', 'MiB', 0],
  ['cpu', `idle CPU of the sidecars over ${IDLE_SECONDS} s, health checks included`, '% of one', 2],
];

export async function benchShapes(): Promise<readonly string[]> {
  const stage = await openStage({
    definition: join(import.meta.dirname, '../examples/demo/app.ts'),
    slug: SLUG,
    suffix: 'shapes',
    subnet: '198.51.100.192/26',
    output: 'ignore',
    shape: 'bundle',
  });
  const figures: Record<Shape, Figures> = { bundle: none(), split: none() };
  try {
    for (let run = 0; run < RUNS; run += 1) {
      for (const shape of SHAPES) await measure(stage, shape, figures[shape]);
    }
  } finally {
    await stage.close();
  }
  return ROWS.map(([key, what, unit, digits]) => {
    const [bundle, split] = [figures.bundle[key], figures.split[key]];
    const ratio = spread(split.map((value, index) => value / (bundle[index] ?? Number.NaN)));
    const [ours, theirs] = [split, bundle].map((values) => spreadText(spread(values), digits));
    return `${what}: split ${ours} ${unit}; bundle ${theirs} ${unit}; ratio ${spreadText(ratio, 2)}`;
  });
}
