import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { typescriptArgv } from '../../../examples/demo/typescript.ts';
import { verifyAudit } from '../../../lib/operate/audit/index.ts';
import { bottle, ROOT } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';
import { TestState } from '../operate/proposals/state.ts';

const test = suite('cli › supervise', { timeoutMs: 60_000 });

let state: TestState;
test.beforeEach(() => {
  state = new TestState();
});
test.afterEach(() => state.remove());

async function run(...args: string[]) {
  const { exitCode, stdout, stderr } = await bottle(state.home, ['supervise', ...args], {
    CLAUDE_BOTTLE_HOME: state.home,
  });
  return { exitCode, stdout, stderr, code: /"code": "([^"]+)"/.exec(stdout)?.[1] };
}

test('without a terminal it lists what waits, and ends', async () => {
  const { id } = state.propose('egress-block', { host: 'docs.example.org', pathPrefixes: ['/a/'] });
  const { exitCode, stdout } = await run();
  assert.is(exitCode, 0);
  assert.match(stdout, new RegExp(`demo +${id.slice(0, 8)} .*egress-block: docs\\.example\\.org: below /a/`));
  const [listed] = JSON.parse((await run('demo', '--json')).stdout).bottles;
  assert.equal([listed.slug, listed.proposals[0].id, listed.proposals[0].preview.opens.length], ['demo', id, 1]);
});

test('what cannot be answered says why, with the exit code for it', async () => {
  assert.equal(await run('other', '--json').then(({ exitCode, code }) => [exitCode, code]), [
    1,
    'operate/not-deployed',
  ]);
  const failing = async (...args: string[]) => {
    const { exitCode, code } = await run('demo', ...args, '--json');
    return `${exitCode} ${code}`;
  };
  state.propose('egress-block', { host: 'docs.example.org' });
  assert.is(await failing('--approve', '--reject'), '2 usage/supervise');
  assert.is(await failing('--modify', '--host', '127.0.0.1'), '2 supervise/invalid-host');
  // Nothing of this bottle runs.
  assert.is(await failing('--approve'), '1 operate/not-running');
});

test('a dry run touches nothing, a rejection is written and recorded', async () => {
  const { id } = state.propose('egress-block', { host: 'docs.example.org' });
  const dry = await run('demo', id, '--approve', '--dry-run', '--json');
  assert.equal(JSON.parse(dry.stdout).opens, ['docs.example.org: any method on any path']);
  await run('demo', id, '--reject', '--dry-run');
  assert.not.ok(existsSync(state.path(`queue/${id}.response.json`)));
  assert.is((await run('demo', '--reject', '--note', 'no')).exitCode, 0);
  assert.equal([state.response(id)['status'], state.response(id)['notes']], ['rejected', 'no']);
  assert.is(verifyAudit(state.path()).lines.length, 1);
});

test('a proposed Dockerfile is shown, saved into a new file alone, and built from the file that is named', async () => {
  const text = 'FROM claude-bottle-agent:latest\nRUN true';
  const { id } = state.propose('capability-block', { dockerfile: text });
  assert.match((await run('demo', id)).stdout, /Dockerfile \| FROM claude-bottle-agent:latest\n +\| RUN true/);
  assert.is((await run('demo', id, '--approve', '--json')).code, 'supervise/dockerfile-not-named');
  const file = join(state.home, 'Mine');
  assert.is((await run('demo', id, '--save-dockerfile', file)).exitCode, 0);
  assert.is(readFileSync(file, 'utf8'), `${text}\n`);
  assert.is((await run('demo', id, '--save-dockerfile', file, '--json')).code, 'supervise/not-saved');
  assert.is((await run('demo', id, '--approve', '--dockerfile', file)).exitCode, 0);
  assert.is(JSON.parse(state.read('capabilities.json')).dockerfile, `${text}\n`);
});

test('--watch prints each proposal once, as it comes, one object a line', async () => {
  const [node, ...rest] = [...typescriptArgv(join(ROOT, 'bin/bottle.ts')), 'supervise', '--watch', '--json'] as const;
  const env = { ...process.env, CLAUDE_BOTTLE_HOME: state.home };
  const child = spawn(node, rest, { cwd: state.home, env, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  let next = (): void => undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines.push(...text.split('\n').filter((line) => line !== ''));
    next();
  });
  const reached = (count: number) =>
    new Promise<void>((resolve) => {
      next = () => (lines.length >= count ? resolve() : undefined);
      next();
    });
  state.propose('egress-block', { host: 'one.example.org' });
  await reached(1);
  state.propose('egress-block', { host: 'two.example.org' });
  await reached(2);
  const code = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  assert.is(await code, 130);
  assert.equal(
    lines.map((line) => JSON.parse(line).host),
    ['one.example.org', 'two.example.org'],
  );
});

/** Types `answers`, each once its question is there, on a terminal of its own. */
function onTerminal(args: readonly string[], answers: readonly (readonly [question: RegExp, answer: string])[]) {
  const command = [...typescriptArgv(join(ROOT, 'bin/bottle.ts')), 'supervise', ...args].join(' ');
  const env = { ...process.env, CLAUDE_BOTTLE_HOME: state.home, TERM: 'dumb', NO_COLOR: '1' };
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: state.home,
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let shown = '';
  let from = 0;
  const left = [...answers];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const [question, answer] = left[0] ?? [];
    if (question === undefined || !question.test(shown.slice(from))) return;
    from = shown.length;
    left.shift();
    child.stdin.write(`${answer}\n`);
  });
  return new Promise<{ code: number | null; shown: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, shown: shown.replaceAll('\r', '') }));
  });
}

if (spawnSync('script', ['--version']).status === 0) {
  test('on a terminal it shows, asks, answers, and ends when nothing waits', async () => {
    const first = state.propose('egress-block', { host: 'one.example.org', justification: 'please' });
    const second = state.propose('capability-block', { packages: { apt: ['jq'] } });
    const { code, shown } = await onTerminal(
      ['--once'],
      [
        [/\[q\]uit\? $/, 'x'],
        [/\[q\]uit\? $/, 'r'],
        [/note for the agent/, 'not now'],
        [/\[q\]uit\? $/, 'approve'],
        [/note for the agent/, ''],
      ],
    );
    assert.is(code, 0, shown);
    assert.match(shown, /one\.example\.org\nproposal/);
    assert.match(shown, /\| please/);
    assert.equal([state.response(first.id)['status'], state.response(first.id)['notes']], ['rejected', 'not now']);
    assert.is(state.response(second.id)['status'], 'approved');
  });

  test('on a terminal a credential is sent only if its name is typed, and an error ends nothing', async () => {
    const auth = { scheme: 'Bearer', tokenFrom: 'GH_TOKEN' };
    state.propose('egress-block', { host: 'one.example.org', auth });
    const { code, shown } = await onTerminal(
      ['demo'],
      [
        [/\[q\]uit\? $/, 'a'],
        [/type GH_TOKEN to send that credential/, 'GH_TOKEN'],
        [/note for the agent/, ''],
        // Nothing of this bottle runs, so it still waits, and is passed over.
        [/waiting for proposals/, '\u0004'],
      ],
    );
    assert.is(code, 0, shown);
    assert.match(shown, /does not run/);
  });
} else {
  test.skip('on a terminal it shows, asks and answers', 'script(1), which makes a terminal, is not on this machine');
}

test.run();
