import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { saveLogs } from '../../../lib/deploy/down/save-logs.ts';
import { BottleError } from '../../../lib/errors.ts';
import { createDocker } from '../../../lib/operate/index.ts';
import {
  type BottleLogOptions,
  bottleLog,
  type LogLine,
  savedBottleLog,
  savedLogs,
} from '../../../lib/operate/logs/index.ts';
import { suite } from '../../support/suite.ts';
import { type Answer, environmentWith, type FakeDocker, fakeDocker } from '../deploy/fake-docker.ts';

const test = suite('the log of a bottle', { timeoutMs: 120_000 });

const OWNER = { slug: 'demo', app: 'app', stateDir: '/state/demo' };
const SIDECARS = { id: 'cid-sidecars', name: 'claude-bottle-sidecars-demo', service: 'sidecars' };
const AGENT = { id: 'cid-agent', name: 'claude-bottle-demo', service: 'agent' };
const at = (second: number, text: string): string => `2026-01-31T12:00:0${second}.000000000Z ${text}\n`;
const REFUSED = '[egress] {"event":"request","verdict":"refused","rule":"route","host":"x.test"}';

const made: FakeDocker[] = [];
test.after(() => {
  for (const one of made) one.remove();
});

function engine(...answers: readonly Answer[]): FakeDocker {
  const fake = fakeDocker(answers);
  made.push(fake);
  return fake;
}

function options(fake: FakeDocker, more: Partial<BottleLogOptions> = {}): BottleLogOptions {
  const env = environmentWith(fake);
  const signal = new AbortController().signal;
  const containers = [SIDECARS, AGENT];
  return {
    docker: createDocker({ env }),
    env,
    owner: OWNER,
    containers,
    sources: [],
    denied: false,
    follow: false,
    signal,
    ...more,
  };
}

async function linesOf(log: AsyncIterable<readonly LogLine[]>): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of log) lines.push(...batch.map(({ source, text }) => `${source}: ${text}`));
  return lines;
}

const both = (): FakeDocker =>
  engine(
    {
      call: '"logs --timestamps"*"cid-sidecars"',
      stdout: at(1, '[egress] one') + at(3, REFUSED) + at(5, '[supervise] five'),
    },
    { call: '"logs --timestamps"*"cid-agent"', stdout: at(2, '[egress] not egress'), stderr: at(4, 'four') },
  );

test('what all containers wrote comes in the order of time, both streams of each', async () => {
  assert.equal(await linesOf(bottleLog(options(both()))), [
    'egress: one',
    'agent: [egress] not egress',
    `egress: ${REFUSED.slice('[egress] '.length)}`,
    'agent: four',
    'supervise: five',
  ]);
});

test('named daemons are shown alone, and refusals alone', async () => {
  assert.equal(await linesOf(bottleLog(options(both(), { sources: ['supervise', 'agent'] }))), [
    'agent: [egress] not egress',
    'agent: four',
    'supervise: five',
  ]);
  assert.is((await linesOf(bottleLog(options(both(), { denied: true })))).length, 1);
});

test('the last lines are those of the whole, after the selection', async () => {
  const fake = both();
  assert.equal(await linesOf(bottleLog(options(fake, { tail: 2 }))), ['agent: four', 'supervise: five']);
  assert.match(fake.calls().join('\n'), /--tail 2 /, 'the engine reads no more than that');
  const one = both();
  assert.equal(await linesOf(bottleLog(options(one, { tail: 1, sources: ['egress'] }))), [
    `egress: ${REFUSED.slice('[egress] '.length)}`,
  ]);
  assert.not.match(one.calls().join('\n'), /--tail/, 'what the engine counts is before the selection');
  assert.equal(await linesOf(bottleLog(options(both(), { tail: 0 }))), []);
});

test('a moment is handed to the engine', async () => {
  const fake = both();
  await linesOf(bottleLog(options(fake, { since: '2026-01-31T12:00:03Z' })));
  assert.is(fake.calls().filter((call) => call.includes('--since 2026-01-31T12:00:03Z')).length, 2);
});

test('an engine that fails is an error that says why, not an empty log', async () => {
  const fake = engine({ call: '"logs"*', stderr: 'Cannot connect to the Docker daemon at unix:///x\n', code: 1 });
  const error = await linesOf(bottleLog(options(fake))).catch((reason: unknown) => reason);
  assert.ok(error instanceof BottleError);
  assert.is(error.code, 'docker/engine-not-answering');
  const none = { ...environmentWith(fake), PATH: '/nonexistent' };
  const missing = await linesOf(bottleLog({ ...options(fake), env: none })).catch((reason: unknown) => reason);
  assert.is(missing instanceof BottleError ? missing.code : missing, 'docker/cli-missing');
});

const inspected = (id: string, name: string, startedAt: string): string =>
  `${JSON.stringify({
    Id: id,
    Name: `/${name}`,
    Image: 'sha256:1',
    RestartCount: 0,
    State: { Status: 'running', Running: true, Restarting: false, ExitCode: 0, StartedAt: startedAt },
    Config: {
      Labels: {
        'claude-bottle.slug': 'demo',
        'claude-bottle.app': 'app',
        'com.docker.compose.project.working_dir': '/state/demo',
        'com.docker.compose.service': 'sidecars',
      },
    },
  })}\n`;

test('a followed log goes on where its history ended, no line twice, and through a restart', async () => {
  const fake = engine(
    { call: '"container inspect"*', stdout: inspected(SIDECARS.id, SIDECARS.name, '2026-01-31T12:00:00Z') },
    // The engine repeats the lines of the moment that it is asked for.
    {
      call: '"logs --timestamps --since 2026-01-31T12:00:02.000000000Z --follow cid-sidecars"',
      stdout: at(2, '[egress] two') + at(2, '[egress] two, later') + at(3, '[egress] three'),
    },
    {
      call: '"logs --timestamps --since 2026-01-31T12:00:03.000000000Z --follow cid-sidecars"',
      stdout: at(3, '[egress] three') + at(4, '[egress] four'),
    },
    {
      call: '"logs --timestamps --since 2026-01-31T12:00:04.000000000Z --follow cid-sidecars"',
      script: 'sleep 600 & echo $! >>"$(dirname "$0")/../sleepers"; wait',
    },
    { call: '"logs --timestamps"*"cid-sidecars"', stdout: at(1, '[egress] one') + at(2, '[egress] two') },
  );
  const lines: string[] = [];
  for await (const batch of bottleLog(options(fake, { containers: [SIDECARS], follow: true }))) {
    lines.push(...batch.map(({ text }) => text));
    if (lines.includes('four')) break;
  }
  assert.equal(lines, ['one', 'two', 'two, later', 'three', 'four']);
});

test('following ends at once when it is told to, and leaves no docker behind', async () => {
  const fake = engine(
    { call: '"container inspect"*', stdout: inspected(SIDECARS.id, SIDECARS.name, '2026-01-31T12:00:00Z') },
    { call: '"logs"*"--follow"*', script: 'echo $$ >"$(dirname "$0")/../follower"; exec sleep 600' },
    { call: '"logs"*', stdout: at(1, '[egress] one') },
  );
  const controller = new AbortController();
  const work = linesOf(bottleLog(options(fake, { containers: [SIDECARS], follow: true, signal: controller.signal })));
  const file = join(fake.directory, 'follower');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20);
  const pid = readFileSync(file, 'utf8').trim();
  assert.ok(existsSync(`/proc/${pid}`));
  controller.abort();
  assert.equal(await work, ['egress: one']);
  assert.not(existsSync(`/proc/${pid}`));
});

test('a log of a hundred megabytes passes through little memory', async () => {
  const line = `[egress] {"event":"request","verdict":"allowed","host":"x.test","path":"/${'a'.repeat(150)}"}`;
  const lines = 600_000;
  const fake = engine({
    call: '"logs"*',
    script: `yes '${at(1, line).trimEnd()}' | head -n ${lines}`,
  });
  let count = 0;
  let bytes = 0;
  let most = 0;
  const before = process.memoryUsage().rss;
  for await (const batch of bottleLog(options(fake, { containers: [SIDECARS] }))) {
    count += batch.length;
    for (const { text } of batch) bytes += text.length;
    if (count % 50 === 0) most = Math.max(most, process.memoryUsage().rss);
  }
  assert.is(count, lines);
  assert.ok(bytes > 100_000_000, `${bytes} bytes`);
  assert.ok(most - before < 150_000_000, `${Math.round((most - before) / 1e6)} MB more than before`);
});

test('saved logs hold no control character and no credential, and read back as they were', async () => {
  const state = mkdtempSync(join(tmpdir(), 'operator-saved-'));
  try {
    const fake = engine(
      { call: '"logs"*"cid-sidecars"', stdout: at(1, '[egress] token planted-1234') + at(3, '[pipelock] three') },
      { call: '"logs"*"cid-agent"', stdout: at(2, '\u001b]0;title\u0007 and \u001b[31mred\r\u0085') },
      {
        call: '"logs"*"cid-dead"',
        stderr: 'can not get logs from container which is dead or marked for removal',
        code: 1,
      },
    );
    const containers = [SIDECARS, AGENT, { id: 'cid-dead', service: 'egress' }];
    const redact = (text: string): string => text.replaceAll('planted-1234', '[value of TOKEN]');
    const saved = await saveLogs(environmentWith(fake), containers, state, redact, new Date('2026-01-31T13:00:00Z'));
    assert.equal(
      saved.map((file) => file.slice(state.length)),
      ['/logs/20260131T130000Z-sidecars.log', '/logs/20260131T130000Z-agent.log'],
    );
    for (const file of saved) {
      assert.is(statSync(file).mode & 0o777, 0o600);
      assert.not.match(readFileSync(file, 'latin1'), /[^\n\x20-\x7e]|planted/);
    }
    assert.equal(readdirSync(join(state, 'logs')).length, 2);
    assert.equal(await linesOf(savedBottleLog(savedLogs(state), { sources: [], denied: false })), [
      'egress: token [value of TOKEN]',
      'agent: \\x1b]0;title\\x07 and \\x1b[31mred\\x0d\\x85',
      'pipelock: three',
    ]);
    const since = { sources: [], denied: false, since: '2026-01-31T12:00:02.5Z' };
    assert.equal(await linesOf(savedBottleLog(savedLogs(state), since)), ['pipelock: three']);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});

test('a log that cannot be written stops before anything is removed', async () => {
  const state = mkdtempSync(join(tmpdir(), 'operator-saved-'));
  try {
    mkdirSync(join(state, 'logs'));
    mkdirSync(join(state, 'logs/20260131T130000Z-agent.log.partial'));
    const fake = engine({ call: '"logs"*', stdout: at(1, 'x') });
    const error = await saveLogs(
      environmentWith(fake),
      [AGENT],
      state,
      (text) => text,
      new Date('2026-01-31T13:00:00Z'),
    ).catch((reason: unknown) => reason);
    assert.is(error instanceof BottleError ? error.code : error, 'destroy/logs-not-saved');
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});

test.run();
