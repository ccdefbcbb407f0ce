/** What a bottle's sidecars hold after work: 10,000 requests on one connection, then a gigabyte of downloads. */

import { setTimeout as sleep } from 'node:timers/promises';
import { SITES } from '../examples/demo/internet/internet.ts';
import type { OpenStage } from '../examples/demo/stage.ts';
import { benchStage, memoryOf } from './stage.ts';

const REQUESTS = 10_000;
/** Below the response cap of 32 MiB. */
const DOWNLOAD_BYTES = 30_000_000;
const DOWNLOADS = 34;

/** Runs `script` in the agent; what it counted has to be `expected`, or the figure would be of something else. */
async function count(stage: OpenStage, script: string, expected: string): Promise<number> {
  const started = performance.now();
  const { stdout, stderr } = await stage.agent(script);
  if (stdout.trim() !== expected) throw new Error(`expected ${expected}, the agent saw ${stdout.trim()}\n${stderr}`);
  return (performance.now() - started) / 1000;
}

export async function benchTraffic(): Promise<readonly string[]> {
  const stage = await benchStage('bundle');
  try {
    const bundle = stage.sidecar('egress');
    const site = `https://${SITES.allowed}/v1`;
    await sleep(5000);
    const idle = await memoryOf(bundle);
    const requests = await count(
      stage,
      `curl -s -o /dev/null -w '%{http_code}\\n' '${site}/item/[1-${REQUESTS}]' | sort | uniq -c | tr -s ' ' | sed 's/^ //'`,
      `${REQUESTS} 200`,
    );
    const afterRequests = await memoryOf(bundle);
    const downloads = await count(
      stage,
      `for n in $(seq ${DOWNLOADS}); do curl -s -o /dev/null -w '%{size_download}\\n' ${site}/bytes/${DOWNLOAD_BYTES}; done | awk '{ total += $1 } END { printf "%d", total }'`,
      String(DOWNLOADS * DOWNLOAD_BYTES),
    );
    return [
      `sidecar bundle, idle: ${idle}; after ${REQUESTS} requests in ${requests.toFixed(1)} s: ${afterRequests}; after ${((DOWNLOADS * DOWNLOAD_BYTES) / 1e9).toFixed(2)} GB down in ${downloads.toFixed(1)} s: ${await memoryOf(bundle)}`,
    ];
  } finally {
    await stage.close();
  }
}
