import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { suite } from '../../support/suite.ts';
import { baseConfig } from './support/bench.ts';
import { issueCa } from './support/certificates.ts';
import { openTunnel, rawExchange } from './support/client.ts';

const test = suite('the scanner as a program', { timeoutMs: 20_000 });
const directory = mkdtempSync(join(tmpdir(), 'claude-bottle-scanner-program-'));
const program = join(directory, 'scanner.cjs');
const config = join(directory, 'pipelock.yaml');

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: () => string;
  readonly errors: () => string;
  readonly exit: Promise<number | null>;
}

const running: Running[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

let port = 0;

/** Writes the configuration by rename; its SHA-256. */
function write(change: (config: Record<string, unknown>) => void = () => {}): string {
  const content = baseConfig(directory);
  content['fetch_proxy'] = { listen: `127.0.0.1:${port}`, monitoring: { max_requests_per_minute: 1000 } };
  change(content);
  const text = stringify(content);
  writeFileSync(`${config}.new`, text);
  renameSync(`${config}.new`, config);
  return createHash('sha256').update(text).digest('hex');
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function start(words: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [program, ...words], { env: { PATH: process.env['PATH'], ...env } });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  const started = { child, port, output: () => output, errors: () => errors, exit };
  running.push(started);
  return started;
}

async function startProxy(): Promise<Running> {
  port = await freePort();
  write();
  const proxy = start(['run', '--config', config]);
  await until(() => proxy.output().includes('"startup"'), `startup; ${proxy.errors()}`);
  return proxy;
}

const eventsOf = ({ output }: Running): Record<string, unknown>[] =>
  output()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test.before(async () => {
  const ca = await issueCa();
  writeFileSync(join(directory, 'ca.pem'), ca.pem);
  writeFileSync(join(directory, 'ca-key.pem'), ca.sec1);
  chmodSync(join(directory, 'ca-key.pem'), 0o600);
  await build({
    entryPoints: [join(import.meta.dirname, '../../../images/sidecars/scanner/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'silent',
  });
});

test.afterEach(async () => {
  for (const { child, exit } of running.splice(0)) {
    child.kill('SIGKILL');
    await exit;
  }
});

test.after(() => rmSync(directory, { recursive: true, force: true }));

test('it starts with its hash, answers health by HTTP and by command, and ends on SIGTERM with 0', async () => {
  const proxy = await startProxy();
  const [startup] = eventsOf(proxy);
  assert.is(startup?.['event'], 'startup');
  assert.is(startup?.['component'], 'pipelock');
  assert.is(startup?.['listen'], `127.0.0.1:${port}`);
  assert.is(startup?.['config_hash'], createHash('sha256').update(readFileSync(config)).digest('hex'));
  const { status, body } = await rawExchange(port, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.is(status, 200);
  assert.is(JSON.parse(body.replace(/^\w+\r\n|\r\n0\r\n\r\n$/g, '')).status, 'healthy');
  assert.is(await start(['healthcheck', '--addr', `127.0.0.1:${port}`]).exit, 0);
  proxy.child.kill('SIGTERM');
  assert.is(await proxy.exit, 0);
  assert.is(eventsOf(proxy).at(-1)?.['event'], 'shutdown');
  assert.is(await start(['healthcheck', '--addr', `127.0.0.1:${port}`]).exit, 1);
});

test('a rename in its directory is a reload, acknowledged with the new hash within 600 ms', async () => {
  const proxy = await startProxy();
  const refused = await openTunnel(port, 'new.invalid:443');
  assert.match(refused.answer.body, /not in allowlist/);
  const hash = write((content) => {
    content['api_allowlist'] = ['new.invalid'];
  });
  const started = performance.now();
  await until(() => proxy.output().includes('"config_reload"'), 'config_reload');
  assert.ok(performance.now() - started < 600);
  const event = eventsOf(proxy).find(({ event }) => event === 'config_reload');
  assert.is(event?.['config_hash'], hash);
  assert.is(event?.['status'], 'success');
  const allowed = await openTunnel(port, 'new.invalid:443');
  assert.match(allowed.answer.body, /SSRF check failed/);
});

test('SIGHUP is a reload too, and SIGUSR1 nothing at all', async () => {
  const proxy = await startProxy();
  proxy.child.kill('SIGUSR1');
  proxy.child.kill('SIGHUP');
  await until(() => proxy.output().includes('"config_reload"'), 'config_reload');
  assert.not.match(proxy.errors(), /Debugger|inspector/i);
  assert.is((await rawExchange(port, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n')).status, 200);
});

test('a weaker configuration is rejected whole, and the old policy stays', async () => {
  const proxy = await startProxy();
  write((content) => {
    content['api_allowlist'] = ['new.invalid'];
    content['trusted_domains'] = ['corp.test', 'new.invalid'];
  });
  await until(() => proxy.output().includes('CONFIG_RELOAD'), 'CONFIG_RELOAD');
  const event = eventsOf(proxy).find(({ method }) => method === 'CONFIG_RELOAD');
  assert.is(event?.['event'], 'error');
  assert.is(event?.['error'], 'rejected: security downgrade from strict mode');
  assert.match((await openTunnel(port, 'new.invalid:443')).answer.body, /not in allowlist/);
  assert.not.ok(eventsOf(proxy).some(({ event }) => event === 'config_reload'));
});

test('a broken configuration is reported, and the old policy stays', async () => {
  const proxy = await startProxy();
  write((content) => {
    content['api_allowlist'] = ['new.invalid'];
    content['extra'] = 1;
  });
  await until(() => proxy.errors().includes('config reload failed'), 'config reload failed');
  assert.match(proxy.errors(), /unknown key extra/);
  assert.match((await openTunnel(port, 'new.invalid:443')).answer.body, /not in allowlist/);
});

test('it refuses to start on a bad configuration, and says how to be called', async () => {
  port = await freePort();
  write((content) => {
    content['mode'] = 'audit';
  });
  const bad = start(['run', '--config', config]);
  assert.is(await bad.exit, 1);
  assert.match(bad.errors(), /mode: "audit"; allowed: strict/);
  assert.is(bad.output(), '');
  write();
  const noRoots = start(['run', '--config', config], { SSL_CERT_FILE: join(directory, 'missing.pem') });
  assert.is(await noRoots.exit, 1);
  for (const words of [[], ['run'], ['walk'], ['run', '--config', config, 'x'], ['run', '--what']]) {
    const usage = start(words);
    assert.is(await usage.exit, 2, words.join(' '));
    assert.match(usage.errors(), /usage: pipelock run/);
  }
  const version = start(['version']);
  assert.is(await version.exit, 0);
  assert.match(version.output(), /^pipelock version \d+\.\d+\.\d+\+builtin\n$/);
});

test.run();
