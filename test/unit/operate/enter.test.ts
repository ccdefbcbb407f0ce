import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { typescriptArgv } from '../../../examples/demo/typescript.ts';
import { BottleError } from '../../../lib/errors.ts';
import { type EnterWhat, enterArguments, enterableAgent } from '../../../lib/operate/enter/index.ts';
import { SIGNAL_SCRIPT, VISIT_VARIABLE } from '../../../lib/operate/enter/script.ts';
import type { Container } from '../../../lib/operate/index.ts';
import { AGENT_PROMPT } from '../../../lib/plan/index.ts';
import { suite } from '../../support/suite.ts';
import { environmentWith, fakeDocker } from '../deploy/fake-docker.ts';

const test = suite('entering a bottle', { timeoutMs: 60_000 });

const scratch = mkdtempSync(join(tmpdir(), 'operator-enter-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

/** A PATH on which nothing is but `programs`, each of which prints its name and arguments. */
function pathOf(name: string, programs: readonly string[]): string {
  const directory = join(scratch, name);
  mkdirSync(directory);
  for (const program of programs) {
    const file = join(directory, program);
    writeFileSync(file, `#!/bin/sh\nprintf '${program}'; for a; do printf ' <%s>' "$a"; done; echo; pwd\n`);
    chmodSync(file, 0o755);
  }
  return directory;
}

const SHELLS = [['/bin/sh'], ['busybox', 'sh']] as const;

async function enter(
  shell: readonly string[],
  what: EnterWhat,
  words: readonly string[],
  more: { path: string; directory?: string; prompt?: string },
) {
  const [, ...rest] = enterArguments(what, more.directory ?? '', words);
  const [program = '', ...before] = shell;
  const script = rest.map((word) => word.replaceAll(AGENT_PROMPT, more.prompt ?? '/nonexistent'));
  const path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
  const outcome = await execa(path, [...before, ...script], {
    env: { PATH: more.path },
    extendEnv: false,
    reject: false,
    cwd: scratch,
  });
  return { code: outcome.exitCode, out: outcome.stdout, err: outcome.stderr };
}

for (const shell of SHELLS) {
  const name = shell.join(' ');
  const tag = name.replaceAll(/\W/g, '-');
  test(`a shell is bash where there is one, else sh, and begins in the workspace if that is there (${name})`, async () => {
    const withBash = pathOf(`bash-${tag}`, ['bash', 'sh']);
    const without = pathOf(`plain-${tag}`, ['sh']);
    assert.is((await enter(shell, 'shell', [], { path: withBash, directory: '/usr' })).out, 'bash\n/usr');
    assert.is((await enter(shell, 'shell', [], { path: without, directory: '/nonexistent' })).out, `sh\n${scratch}`);
  });

  test(`a command gets its words as they are, and gives its exit code (${name})`, async () => {
    const path = pathOf(`command-${tag}`, ['show']);
    const words = ['show', 'a b', '$HOME', "'", '-n', '', '*'];
    assert.match((await enter(shell, 'command', words, { path })).out, "show <a b> <$HOME> <'> <-n> <> <*>");
    assert.is((await enter(shell, 'command', ['nosuch'], { path })).code, 127);
    assert.is((await enter(shell, 'command', ['/bin/sh', '-c', 'exit 9'], { path })).code, 9);
  });

  test(`the agent program runs with its permission prompts off, and with the prompt that there is (${name})`, async () => {
    const path = pathOf(`agent-${tag}`, ['claude']);
    writeFileSync(join(path, 'cat'), '#!/bin/sh\nexec /bin/cat "$@"\n', { mode: 0o755 });
    const plain = await enter(shell, 'agent', ['--continue'], { path });
    assert.match(plain.out, /^claude <--dangerously-skip-permissions> <--continue>\n/);
    const prompt = join(path, 'prompt.md');
    writeFileSync(prompt, 'Be kind.\n$(id) "quoted"\n');
    const told = await enter(shell, 'agent', ['-p', 'x'], { path, prompt });
    assert.match(
      told.out,
      'claude <--dangerously-skip-permissions> <--append-system-prompt> <Be kind.\n$(id) "quoted"> <-p> <x>',
    );
    const none = await enter(shell, 'agent', [], { path: pathOf(`empty-${tag}`, []) });
    assert.equal([none.code, none.err], [127, 'there is no claude in the image of this agent']);
  });
}

test('a signal reaches the processes of its visit and no other', async () => {
  const start = (id: string) =>
    spawn('sh', ['-c', 'sleep 60 & wait'], { env: { ...process.env, [VISIT_VARIABLE]: id } });
  const [mine, other, longer] = [start('one'), start('two'), start('one-more')];
  const ended = new Promise<string | null>((resolve) => mine.on('exit', (_, signal) => resolve(signal)));
  await sleep(200);
  execFileSync('sh', ['-c', SIGNAL_SCRIPT, 'sh', 'TERM', 'one']);
  assert.is(await ended, 'SIGTERM');
  assert.equal([other.exitCode, other.signalCode, longer.signalCode], [null, null, null]);
  for (const id of ['two', 'one-more']) execFileSync('sh', ['-c', SIGNAL_SCRIPT, 'sh', 'KILL', id]);
});

const VISIT = join(import.meta.dirname, 'enter-visit.ts');

test('docker gets no terminal where there is none, nothing of our environment, and gives its exit code', async () => {
  const fake = fakeDocker([{ call: '"exec"*', script: 'cat; echo to stderr >&2', code: 42 }]);
  try {
    const env = environmentWith(fake, { GH_TOKEN: 'planted-value', TERM: 'xterm' });
    const [node, ...args] = [...typescriptArgv(VISIT), 'cid', 'command', 'git', 'status'] as const;
    const outcome = await execa(node, args, { env, extendEnv: false, reject: false, input: 'piped' });
    assert.equal([outcome.exitCode, outcome.stdout, outcome.stderr], [42, 'piped', 'to stderr']);
    const [call = ''] = fake.calls();
    assert.match(call, /^exec --interactive --env CLAUDE_BOTTLE_VISIT=[0-9a-f-]{36} cid \/bin\/sh -c /);
    assert.not.match(`${fake.calls().join('\n')}${fake.environments().join('\n')}`, /planted|--tty|GH_TOKEN/);
  } finally {
    fake.remove();
  }
});

test('what this process is told to end for is told the visit, whose exit code is ours', async () => {
  const fake = fakeDocker([
    {
      call: '"exec --interactive"*',
      script: 'touch "$(dirname "$0")/../entered"; while [ ! -e "$(dirname "$0")/../told" ]; do sleep 0.1; done',
      code: 7,
    },
    { call: '"exec cid"*', script: 'touch "$(dirname "$0")/../told"' },
  ]);
  try {
    const [node, ...args] = [...typescriptArgv(VISIT), 'cid', 'command', 'sleep', '60'] as const;
    const child = execa(node, args, { env: environmentWith(fake), extendEnv: false, reject: false, stdin: 'ignore' });
    while (!existsSync(join(fake.directory, 'entered'))) await sleep(50);
    child.kill('SIGINT');
    assert.is((await child).exitCode, 7);
    const told = fake.calls().join('\n');
    assert.match(told, / sh INT [0-9a-f-]{36}/);
  } finally {
    fake.remove();
  }
});

const agent = (more: Partial<Container>): Container => ({
  id: 'a',
  name: 'claude-bottle-demo',
  service: 'agent',
  imageId: '',
  status: 'running',
  running: true,
  restarting: false,
  restarts: 0,
  exitCode: 0,
  error: '',
  startedAt: '',
  health: undefined,
  healthOutput: undefined,
  labels: {},
  networks: [],
  ...more,
});

test('an agent that cannot be entered is told with the reason and what to do', () => {
  const bottle = (...containers: readonly Container[]) => ({
    slug: 'demo',
    app: 'app',
    stateDir: '/s',
    record: undefined,
    containers: new Map(containers.map((one) => [one.service, one])),
  });
  assert.is(enterableAgent(bottle(agent({}))).id, 'a');
  const refused: readonly (readonly [string, Parameters<typeof enterableAgent>[0]])[] = [
    ['enter/no-agent', bottle()],
    ['enter/agent-restarting', bottle(agent({ status: 'restarting', restarting: true, exitCode: 1 }))],
    ['enter/agent-paused', bottle(agent({ status: 'paused' }))],
    ['enter/agent-not-running', bottle(agent({ status: 'exited', running: false }))],
  ];
  for (const [code, one] of refused) {
    try {
      enterableAgent(one);
      assert.unreachable(code);
    } catch (error) {
      if (!(error instanceof BottleError)) throw error;
      assert.is(error.code, code);
      assert.match(error.fix ?? '', /bottle (deploy|logs)|docker unpause/);
    }
  }
});

test.run();
