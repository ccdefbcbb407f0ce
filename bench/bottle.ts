/** A deployed bottle: coming up, a request through the chain, what it holds when idle, and the sizes of its images. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { docker } from '../examples/demo/internet/docker.ts';
import { SITES } from '../examples/demo/internet/internet.ts';
import type { OpenStage } from '../examples/demo/stage.ts';
import { PROXY_CLIENT } from './proxy-client.ts';
import { BENCH_SLUG, benchStage, cpuSeconds, memoryOf } from './stage.ts';
import { paired, pairedText, spread, spreadText } from './statistics.ts';

const SLUG = BENCH_SLUG;
const SIDECARS = `claude-bottle-sidecars-${SLUG}`;
const AGENT = `claude-bottle-${SLUG}`;

/** Deploy of a bottle that is down, images built, against compose alone on the same files. */
async function benchDeploy(stage: OpenStage): Promise<readonly string[]> {
  const state = join(stage.home, 'state', SLUG);
  const compose = (...args: string[]) =>
    execa('docker', ['compose', '--project-directory', state, ...args], { cwd: state, env: { ...stage.env } });
  const times: { deploy: number[]; compose: number[] } = { deploy: [], compose: [] };
  for (let run = 0; run < 3; run += 1) {
    await stage.bottle('destroy', SLUG, '--yes');
    let started = performance.now();
    await stage.bottle('deploy', SLUG);
    times.deploy.push(performance.now() - started);
    await compose('down');
    started = performance.now();
    await compose('up', '--detach', '--wait');
    times.compose.push(performance.now() - started);
  }
  const ratios = times.deploy.map((value, index) => value / (times.compose[index] ?? 1));
  const again = await paired(
    3,
    () => stage.bottle('deploy', SLUG),
    () => execa(process.execPath, ['-e', '0']),
  );
  return [
    `deploy, images built: ${spreadText(spread(times.deploy))} ms; docker compose up --wait of the same files: ${spreadText(spread(times.compose))} ms; ratio ${spreadText(spread(ratios), 2)}`,
    pairedText('deploy again, nothing changed', 'node -e 0', again),
  ];
}

interface Latency {
  readonly kept: number;
  readonly fresh: number;
}

const BARE_PORT = '9199';
const CONFDIR = '/home/mitmproxy/.mitmproxy';

/** The chain against the same chain without the addon: a second mitmdump in the bundle, before the same pipelock slot. */
async function benchRequests(requests = 200): Promise<readonly string[]> {
  const asEgress = ['exec', '--user', '10001:10001', '--env', 'HOME=/home/mitmproxy'];
  const bare = [
    'mitmdump',
    '--quiet',
    '--listen-host',
    '127.0.0.1',
    '--listen-port',
    BARE_PORT,
    '--mode',
    `upstream:http://127.0.0.1:8888`,
    '--set',
    `confdir=${CONFDIR}`,
    '--set',
    `ssl_verify_upstream_trusted_ca=${CONFDIR}/roots.pem`,
    '--set',
    'connection_strategy=lazy',
  ];
  await docker([...asEgress, '--detach', SIDECARS, ...bare]);
  await sleep(3000);
  const measure = async (proxy: string, port: string): Promise<Latency> => {
    const args = [proxy, port, SITES.allowed, `${CONFDIR}/mitmproxy-ca.pem`, String(requests)];
    return JSON.parse(await docker([...asEgress, SIDECARS, 'node', '-e', PROXY_CLIENT, ...args])) as Latency;
  };
  const chain: Latency[] = [];
  const without: Latency[] = [];
  for (let run = 0; run < 5; run += 1) {
    chain.push(await measure(`claude-bottle-egress-${SLUG}`, '9099'));
    without.push(await measure('127.0.0.1', BARE_PORT));
  }
  return (['kept', 'fresh'] as const).map((kind) => {
    const [a, b] = [chain.map((run) => run[kind]), without.map((run) => run[kind])];
    const ratio = spread(a.map((value, index) => value / (b[index] ?? 1)));
    const connection = kind === 'kept' ? 'a kept connection' : 'a new connection each';
    return `a request on ${connection}: ${spreadText(spread(a), 2)} ms; the chain without the addon: ${spreadText(spread(b), 2)} ms; ratio ${spreadText(ratio, 2)}`;
  });
}

async function benchIdle(seconds = 30): Promise<readonly string[]> {
  await sleep(5000);
  const containers = [SIDECARS, AGENT];
  const before = await Promise.all(containers.map(cpuSeconds));
  await sleep(seconds * 1000);
  const after = await Promise.all(containers.map(cpuSeconds));
  const memory = await Promise.all(containers.map(memoryOf));
  return containers.map((container, index) => {
    const cpu = (((after[index] ?? 0) - (before[index] ?? 0)) / seconds) * 100;
    return `${container}, idle: ${memory[index]} memory, ${cpu.toFixed(2)} % of one CPU over ${seconds} s, health checks included`;
  });
}

async function imageSizes(): Promise<readonly string[]> {
  const sizes = await Promise.all(
    [SIDECARS, AGENT].map(async (container) => {
      const image = (await docker(['inspect', '--format', '{{.Image}}', container])).trim();
      const bytes = Number(await docker(['image', 'inspect', '--format', '{{.Size}}', image]));
      return `image of ${container}: ${(bytes / 1e6).toFixed(0)} MB`;
    }),
  );
  return sizes;
}

export async function benchBottle(): Promise<readonly string[]> {
  const stage = await benchStage('bundle');
  try {
    return [...(await imageSizes()), ...(await benchIdle()), ...(await benchRequests()), ...(await benchDeploy(stage))];
  } finally {
    await stage.close();
  }
}
