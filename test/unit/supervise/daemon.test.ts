import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { readConfig } from '../../../images/sidecars/supervise/config.ts';
import { listenAddress } from '../../../images/sidecars/supervise/listen.ts';
import { suite } from '../../support/suite.ts';
import { eventually } from './bottle.ts';

const test = suite('supervise › daemon');

let directory = '';
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'supervise-daemon-'));
  mkdirSync(join(directory, 'queue'));
  chmodSync(join(directory, 'queue'), 0o2770);
});
test.after(() => rmSync(directory, { recursive: true, force: true }));

const FILE = { version: 1, slug: 'demo', listen: 'localhost:9100', deadlineSeconds: 60, credentials: ['GH_TOKEN'] };

function configFile(content: unknown): string {
  const path = join(directory, 'supervise.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('the configuration is read with the digest of its bytes', () => {
  const path = configFile(FILE);
  const config = readConfig({ SUPERVISE_BOTTLE_SLUG: 'demo', SUPERVISE_PORT: '9100', SUPERVISE_QUEUE_DIR: '/q' }, path);
  const digest = createHash('sha256').update(JSON.stringify(FILE)).digest('hex');
  assert.equal(config, {
    slug: 'demo',
    host: 'localhost',
    port: 9100,
    deadlineSeconds: 60,
    credentials: ['GH_TOKEN'],
    queueDirectory: '/q',
    digest,
  });
  assert.is(readConfig({}, path).queueDirectory, '/run/supervise/queue');
});

for (const [title, content] of [
  ['an unknown key', { ...FILE, extra: 1 }],
  ['no slug', { ...FILE, slug: undefined }],
  ['no port', { ...FILE, listen: 'localhost' }],
  ['a deadline above a day', { ...FILE, deadlineSeconds: 86_401 }],
  ['a deadline of nothing', { ...FILE, deadlineSeconds: 0 }],
  ['another version', { ...FILE, version: 2 }],
  ['no JSON', '{'],
] as const) {
  test(`a configuration with ${title} is refused`, () => {
    assert.throws(() => readConfig({}, configFile(content)));
  });
}

test('an environment that speaks of another bottle or port is refused', () => {
  const path = configFile(FILE);
  assert.throws(() => readConfig({ SUPERVISE_BOTTLE_SLUG: 'other' }, path), /SUPERVISE_BOTTLE_SLUG is other/);
  assert.throws(() => readConfig({ SUPERVISE_PORT: '1' }, path), /SUPERVISE_PORT is 1/);
});

test('the listen host is resolved to one IPv4 address, never to all of them', async () => {
  assert.is(await listenAddress('localhost', 1), '127.0.0.1');
  for (const host of ['0.0.0.0', '0']) {
    assert.match(await listenAddress(host, 1).catch((reason: Error) => reason.message), /every address/);
  }
  assert.match(await listenAddress('nowhere.invalid', 1).catch((reason: Error) => reason.message), /no IPv4 address/);
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function bundled(): Promise<string> {
  const outfile = join(directory, 'supervise.cjs');
  const source = join(import.meta.dirname, '../../../images/sidecars/supervise/main.ts');
  const config = JSON.stringify(join(directory, 'supervise.json'));
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    plugins: [
      {
        // The daemon's paths are fixed in the image; here its configuration lies elsewhere.
        name: 'config-path',
        setup: ({ onLoad }) =>
          onLoad({ filter: /lib\/plan\/paths\.ts$/ }, async ({ path }) => {
            const { readFile } = await import('node:fs/promises');
            const text = await readFile(path, 'utf8');
            return { contents: text.replace("'/etc/supervise/supervise.json'", config), loader: 'ts' };
          }),
      },
    ],
  });
  return outfile;
}

function run(program: string): { readonly child: ChildProcess; readonly ended: Promise<Ended>; output(): string } {
  const env = { PATH: process.env['PATH'], SUPERVISE_QUEUE_DIR: join(directory, 'queue') };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended, output: () => stdout };
}

test('the bundled file starts, answers, says where it listens, and ends with 0 on SIGTERM', async () => {
  const program = await bundled();
  const port = 20_000 + (process.pid % 20_000);
  configFile({ ...FILE, listen: `localhost:${port}` });
  const { child, ended, output } = run(program);
  await eventually(() => (output().includes('startup') ? true : undefined));
  assert.is(JSON.parse(output()).listen, `127.0.0.1:${port}`);
  // The fetch of Node sends the host of the URL, which is the configured one.
  const health = await fetch(`http://localhost:${port}/health`);
  assert.is(health.status, 200);
  const second = await run(program).ended;
  assert.is(second.code, 1);
  assert.match(second.stderr, /EADDRINUSE/);
  child.kill('SIGTERM');
  assert.is((await ended).code, 0);
});

test('the bundled file ends with 1 and a reason when its queue is open to all', async () => {
  const program = await bundled();
  configFile(FILE);
  chmodSync(join(directory, 'queue'), 0o2777);
  const { code, stderr } = await run(program).ended;
  chmodSync(join(directory, 'queue'), 0o2770);
  assert.is(code, 1);
  assert.match(stderr, /"event":"failed".*open to others/);
});

test.run();
