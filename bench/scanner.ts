/** The built-in scanner against a bare CONNECT and against interception by a bare mitmdump, and what it holds in memory. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { docker } from '../examples/demo/internet/docker.ts';
import { ensureSidecarImage } from '../lib/deploy/images/index.ts';
import { silent } from '../lib/deploy/progress.ts';
import { baseConfig } from '../test/unit/scanner/support/bench.ts';
import { issueCa, issueLeaf } from '../test/unit/scanner/support/certificates.ts';
import { CLIENT, ORIGIN, TUNNEL } from './scanner/programs.ts';
import { spread, spreadText } from './statistics.ts';

const NAME = `bench-scanner-${process.pid}`;
const SUBNET = '203.0.113.128/27';
const RUNS = 3;
const MIB = 1024 * 1024;
const PORTS = { scanner: '8888', 'a bare CONNECT': '9098', 'a bare mitmdump': '9099' } as const;
type Proxy = keyof typeof PORTS;

const WORK = [
  { kind: 'get', times: 200, what: 'a GET of two bytes' },
  { kind: 'download', times: 20, what: 'a GET of 1 MB' },
  { kind: 'upload', times: 2, what: 'a POST of 5 MB of source code in JSON' },
] as const;

const run = async (proxy: Proxy, kind: string, times: number): Promise<number> =>
  Number(await docker(['exec', NAME, 'node', '-e', CLIENT, PORTS[proxy], kind, String(times)]));

async function compare(): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { kind, times, what } of WORK) {
    const figures: Record<Proxy, number[]> = { scanner: [], 'a bare CONNECT': [], 'a bare mitmdump': [] };
    for (let pass = 0; pass < RUNS; pass += 1) {
      for (const proxy of Object.keys(PORTS) as Proxy[]) figures[proxy].push(await run(proxy, kind, times));
    }
    const against = (['a bare CONNECT', 'a bare mitmdump'] as const).map((proxy) => {
      const ratios = figures.scanner.map((value, at) => value / (figures[proxy][at] ?? 1));
      return `${proxy}: ${spreadText(spread(figures[proxy]), 2)} ms, ratio ${spreadText(spread(ratios), 2)}`;
    });
    lines.push(`${what}: ${spreadText(spread(figures.scanner), 2)} ms; ${against.join('; ')}`);
  }
  return lines;
}

/** Memory of the scanner and of the processes that scan for it, in MB: now, and the most of each that there ever was. */
async function memory(): Promise<string> {
  const script = `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline | grep -qE 'scanner.cjs (run|scan)' && grep -E 'VmRSS|VmHWM' $p/status; done; true`;
  const text = await docker(['exec', NAME, 'sh', '-c', script]);
  const sum = (field: string) =>
    [...text.matchAll(new RegExp(`${field}:\\s+(\\d+)`, 'g'))].reduce((total, [, kib]) => total + Number(kib), 0) /
    1024;
  return `${sum('VmRSS').toFixed(0)} MB (peaks ${sum('VmHWM').toFixed(0)} MB)`;
}

async function holds(): Promise<readonly string[]> {
  await docker(['restart', '--time', '1', NAME]);
  await sleep(6_000);
  const idle = await memory();
  await run('scanner', 'get', 10_000);
  const requests = await memory();
  await run('scanner', 'gigabyte', 34);
  const down = await memory();
  await run('scanner', 'upload', 20);
  const up = await memory();
  await sleep(40_000);
  return [
    `memory idle: ${idle}; after 10,000 requests: ${requests}; after 1 GB down: ${down}; after 100 MB up: ${up}; 40 s later: ${await memory()}`,
  ];
}

/** Both containers; the proxies and the client share one, so that each hop but the last is loopback. */
async function start(directory: string): Promise<void> {
  const options = { projectDir: directory, engine: 'builtin', env: process.env, progress: silent } as const;
  const { tag: image } = await ensureSidecarImage(options);
  const [proxyCa, originCa] = await Promise.all([issueCa(), issueCa()]);
  const leaf = await issueLeaf(originCa, ['origin.test']);
  const config = baseConfig('/etc/pipelock');
  Object.assign(config, { api_allowlist: ['origin.test'], trusted_domains: [] });
  Object.assign(config['tls_interception'] as object, { max_response_bytes: 32 * MIB, passthrough_domains: [] });
  Object.assign(config['request_body_scanning'] as object, { max_body_bytes: 5 * MIB });
  const files = {
    'pipelock.yaml': stringify(config),
    'ca.pem': proxyCa.pem,
    'ca-key.pem': proxyCa.sec1,
    'roots.pem': originCa.pem,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  chmodSync(join(directory, 'ca-key.pem'), 0o600);
  await docker(['network', 'create', '--internal', '--subnet', SUBNET, NAME]);
  const env = { CERT: leaf.pem, KEY: leaf.key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  const origin = ['--name', `${NAME}-origin`, '--network', NAME, '--network-alias', 'origin.test'];
  const variables = ['--env', 'CERT', '--env', 'KEY'];
  await execa('docker', ['run', '-d', ...origin, ...variables, '--entrypoint', 'node', image, '-e', ORIGIN], { env });
  const mitmdump =
    'mitmdump -q --listen-host 127.0.0.1 --listen-port 9099 --set confdir=/tmp/m --set ssl_insecure=true';
  const script = `node -e "$TUNNEL" & ${mitmdump} & exec /pipelock run --config /etc/pipelock/pipelock.yaml`;
  const mounts = ['--mount', `type=bind,source=${directory},target=/etc/pipelock,readonly`];
  const roots = ['--env', 'SSL_CERT_FILE=/etc/pipelock/roots.pem', '--env', 'TUNNEL'];
  const proxies = ['run', '-d', '--name', NAME, '--network', NAME, ...mounts, ...roots];
  await execa('docker', [...proxies, '--entrypoint', 'sh', image, '-c', script], { env: { TUNNEL } });
  await sleep(10_000);
}

export async function benchScanner(): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'claude-bottle-bench-scanner-'));
  try {
    await start(directory);
    return [...(await compare()), ...(await holds())];
  } finally {
    await execa('docker', ['rm', '-f', NAME, `${NAME}-origin`], { reject: false });
    await execa('docker', ['network', 'rm', NAME], { reject: false });
    rmSync(directory, { recursive: true, force: true });
  }
}
