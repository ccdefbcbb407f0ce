/** The scanner in a real bottle with all four daemons: what trips it and what does not, and what its death leaves running. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { docker } from '../../../examples/demo/internet/docker.ts';
import { type OpenStage, openStage } from '../../../examples/demo/stage.ts';
import type { HealthReport } from '../../../images/sidecars/init/health-report.ts';
import { suite } from '../../support/suite.ts';
import { SECRETS } from '../../unit/scanner/support/secrets.ts';
import { type Sides, sidesOf } from '../supervise/stage.ts';

const test = suite('the scanner in a bottle', { timeoutMs: 600_000 });
const SUBNET = '198.51.100.192/26';
/** A credential with a shape that the scanner knows. */
const TOKEN = SECRETS['GitHub token'] ?? '';
const URL = 'https://api.allowed.test/v1';

let stage: OpenStage;
let sides: Sides;

test.before(async () => {
  // The CLI forwards it by name, as for any user.
  process.env['SCANNER_TEST_TOKEN'] = TOKEN;
  const definition = join(import.meta.dirname, 'definition.ts');
  stage = await openStage({ definition, slug: 'scanner', shape: 'bundle', subnet: SUBNET, output: 'ignore' });
  sides = sidesOf(stage);
});
test.after(() => stage?.close());

async function health(): Promise<HealthReport> {
  const report = await docker(['exec', stage.sidecar('pipelock'), 'sh', '-c', 'bundle-health || true']);
  return JSON.parse(report) as HealthReport;
}

async function scannerPid(): Promise<number> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    const found = (await health()).daemons.pipelock;
    if (found?.up === true && found.pid !== null) return found.pid;
  }
  throw new Error('pipelock does not come back');
}

async function killScanner(): Promise<void> {
  const pid = await scannerPid();
  await docker(['exec', '--user', '10002:10002', stage.sidecar('pipelock'), 'sh', '-c', `kill -9 ${pid}`]);
}

const received = async (path: string) =>
  (await stage.internet.received('allowed')).filter(({ url }) => url.startsWith(`/v1${path}`));

test('the credential that egress injects passes, and only that one', async () => {
  assert.is(await sides.status(`${URL}/plain`), '200');
  assert.is(await sides.status(`${URL}/own`, '-H', `Authorization: Bearer ${SECRETS['Stripe key']}`), '200');
  for (const path of ['/plain', '/own']) {
    const [request] = await received(path);
    assert.is(request?.headers['authorization'], `Bearer ${TOKEN}`, path);
  }
});

test('the same value is refused wherever the agent types it, and nothing of it arrives', async () => {
  const encoded = Buffer.from(TOKEN).toString('base64');
  const typed: Readonly<Record<string, readonly string[]>> = {
    body: [`${URL}/typed`, '--data', `note=${TOKEN}`],
    'body, in base64': [`${URL}/typed`, '--data', JSON.stringify({ note: encoded })],
    'another header': [`${URL}/typed`, '-H', `X-Note: ${TOKEN}`],
    cookie: [`${URL}/typed`, '-b', `sid=${TOKEN}`],
    query: [`${URL}/typed?q=${TOKEN}`],
    path: [`${URL}/typed/${TOKEN}`],
    'a large body': [`${URL}/typed`, '--data', `${'words '.repeat(15_000)}${TOKEN}`],
  };
  for (const [place, args] of Object.entries(typed)) {
    const [url = '', ...rest] = args;
    assert.is(await sides.status(url, ...rest), '403', place);
  }
  assert.is((await received('/typed')).length, 0);
  assert.is(await sides.status(`${URL}/typed`, '--data', `note=${'words '.repeat(15_000)}`), '200');
  assert.is((await received('/typed')).length, 1);
});

test('a killed scanner means refused traffic, its return allowed traffic, and a call that waits at supervise hears neither', async () => {
  const call = sides.call('egress-block', { host: 'later.example.org', justification: 'while the scanner dies' });
  const id = await sides.waiting('while the scanner dies');
  const before = await health();
  // Each death doubles the pause before the next start: the third leaves some seconds to look at.
  for (let death = 0; death < 3; death += 1) await killScanner();
  const killed = performance.now();
  const status = await sides.status(`${URL}/while-dead`);
  const seconds = (performance.now() - killed) / 1000;
  const isUp = (await health()).daemons.pipelock?.up;
  // Where this machine was slower than the restart, nothing is told, and nothing may be concluded.
  assert.ok(status !== '200' || isUp === true, `status ${status} after ${seconds} s`);
  assert.is((await received('/while-dead')).length, status === '200' ? 1 : 0);
  await scannerPid();
  assert.is(await sides.status(`${URL}/after`), '200');
  const after = await health();
  for (const daemon of ['egress', 'git-gate', 'supervise'] as const) {
    assert.is(after.daemons[daemon]?.pid, before.daemons[daemon]?.pid, daemon);
  }
  assert.is((await sides.supervise(id, '--reject', '--note', 'no')).exitCode, 0);
  const heard = await call;
  assert.equal([heard.status, heard.notes], ['rejected', 'no']);
});

test('while it is down, every request is refused at once, and none arrives', async () => {
  await scannerPid();
  // The agent asks without a pause; each line is a status and the time that it took.
  const script = `for n in $(seq 1 60); do
      curl -s -o /dev/null -w '%{http_code} %{time_total}\\n' --max-time 20 ${URL}/row-$n; sleep 0.05; done`;
  const asking = stage.agent(script);
  await sleep(1_000);
  await killScanner();
  const lines = (await asking).stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const refused = lines.filter(([status]) => status !== '200');
  assert.ok(refused.length > 0, 'some requests met the scanner dead');
  // An answer, and not a client that gave up: nothing waits for the scanner to come back.
  assert.equal(
    refused.filter(([status]) => status !== '403' && status !== '502'),
    [],
  );
  const arrived = new Set((await received('/row-')).map(({ url }) => url));
  // The request that was under way at the kill had passed already, and its answer was lost.
  const underWay = lines.findIndex(([status]) => status !== '200');
  for (const [index, [status]] of lines.entries()) {
    if (index === underWay) continue;
    assert.is(arrived.has(`/v1/row-${index + 1}`), status === '200', `request ${index + 1}: ${status}`);
  }
  assert.is(lines[0]?.[0], '200');
  await scannerPid();
  assert.is(await sides.status(`${URL}/again`), '200');
  process.stdout.write(
    `refused ${refused.length} of ${lines.length}, in ${refused.map(([, time]) => time).join(', ')} s\n`,
  );
});

test('a refused reload is told by the scanner and counted in the health of the bottle', async () => {
  const refusals = async () => (await health()).daemons.pipelock?.refusals;
  const before = (await refusals()) ?? 0;
  const file = join(stage.home, 'state', stage.slug, 'pipelock/pipelock.yaml');
  const text = readFileSync(file, 'utf8');
  for (const [broken, told] of [
    [`${text}\nwhat: 1\n`, 'config reload failed'],
    [text.replace(/^trusted_domains:.*$/m, '').concat('\ntrusted_domains: [api.allowed.test]\n'), 'security downgrade'],
  ] as const) {
    writeFileSync(`${file}.new`, broken);
    renameSync(`${file}.new`, file);
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
      if ((await docker(['logs', '--tail', '200', stage.sidecar('pipelock')])).includes(told)) break;
    }
    assert.is(await sides.status(`${URL}/kept`), '200');
  }
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  for (const end = Date.now() + 30_000; Date.now() < end && (await refusals()) === before; await sleep(100));
  assert.ok(((await refusals()) ?? 0) >= before + 2, `${before}, then ${await refusals()}`);
});

test.run();
