import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { renderClaudeFiles } from '../../../lib/render/agent/claude.ts';
import { renderEntrypoint } from '../../../lib/render/agent/entrypoint.ts';
import { renderAgentFiles } from '../../../lib/render/agent/index.ts';
import { planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('render › agent › entrypoint');

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

let root = '';
let upstream = '';

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { encoding: 'utf8' });

test.before(() => {
  root = mkdtempSync(join(tmpdir(), 'entrypoint-test-'));
  upstream = join(root, 'upstream');
  git('init', '--quiet', upstream);
  writeFileSync(join(upstream, 'README'), 'hello\n');
  git('-C', upstream, 'add', '.');
  git('-C', upstream, 'commit', '--quiet', '-m', 'first');
});
test.after(() => rmSync(root, { recursive: true, force: true }));

let boxes = 0;
const started: ChildProcess[] = [];

/** Also what a failed test has left running. */
test.afterEach(() => {
  for (const { pid, exitCode } of started.splice(0)) if (pid !== undefined && exitCode === null) kill(-pid);
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** One agent's directories, with the script rendered for them. */
class Box {
  readonly dir: string;
  readonly script: string;

  constructor(options: { readonly url?: string; readonly clone?: boolean; readonly supervise?: boolean } = {}) {
    boxes += 1;
    this.dir = join(root, `box ${boxes}`);
    const agentDir = join(this.dir, 'agent');
    this.script = join(agentDir, 'entrypoint.sh');
    for (const name of ['home', 'workspace', 'tmp', 'bin']) mkdirSync(join(this.dir, name), { recursive: true });
    const supervise = options.supervise ?? true;
    const files = {
      'entrypoint.sh': renderEntrypoint({
        agentDir,
        workspaceDir: join(this.dir, 'workspace'),
        statusFile: join(this.dir, 'tmp/status'),
        supervise,
        ...(options.clone === false ? {} : { clone: { remote: 'app', url: options.url ?? upstream } }),
      }),
      ...renderClaudeFiles(supervise),
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(agentDir, name)), { recursive: true });
      writeFileSync(join(agentDir, name), text);
    }
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Puts a program in front of the PATH. */
  program(name: string, text: string): void {
    writeFileSync(this.path(`bin/${name}`), `#!/bin/sh\n${text}\n`);
    chmodSync(this.path(`bin/${name}`), 0o755);
  }

  env(path = `${this.path('bin')}:${process.env['PATH']}`): NodeJS.ProcessEnv {
    return { PATH: path, HOME: this.path('home'), GIT_CONFIG_GLOBAL: '/dev/null' };
  }

  run(command: readonly string[], shell = 'sh', env = this.env()) {
    return spawnSync(shell, [this.script, ...command], {
      env,
      input: 'from stdin\n',
      encoding: 'utf8',
      timeout: 9_000,
    });
  }

  start(...command: string[]): ChildProcess {
    const child = spawn('sh', [this.script, ...command], { env: this.env(), stdio: 'ignore', detached: true });
    started.push(child);
    return child;
  }
}

const exited = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? new Promise((resolve) => child.once('exit', (code) => resolve(code)));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

if (has('shellcheck')) {
  test('the rendered script is clean for shellcheck, with and without each of its parts', () => {
    for (const plan of [planWith([]), planWith(['git-gate']), planWith(['egress', 'git-gate', 'supervise'])]) {
      const script = renderAgentFiles(plan)['entrypoint.sh'] ?? '';
      const check = spawnSync('shellcheck', ['--shell=sh', '-'], { input: script, encoding: 'utf8' });
      assert.is(check.stdout, '');
      assert.is(check.status, 0);
    }
  });
} else {
  test.skip('the rendered script is clean for shellcheck', 'shellcheck is not installed');
}

for (const shell of ['dash', 'bash', 'busybox']) {
  if (!has(shell)) {
    test.skip(`${shell} runs it`, `${shell} is not installed`);
    continue;
  }
  test(`${shell} clones the workspace, seeds the home and passes on arguments, stdin and exit code`, () => {
    const box = new Box();
    const command = ['sh', '-c', 'cat; printf "%s|" "$@"; exit 7', 'x', 'a b', '$HOME'];
    const result =
      shell === 'busybox'
        ? spawnSync('busybox', ['sh', box.script, ...command], {
            env: box.env(),
            input: 'from stdin\n',
            encoding: 'utf8',
          })
        : box.run(command, shell);
    assert.is(result.stderr, '');
    assert.is(result.stdout, 'from stdin\na b|$HOME|');
    assert.is(result.status, 7);
    assert.is(box.read('workspace/app/README'), 'hello\n');
    assert.is(box.read('tmp/status'), 'ready\n');
    assert.equal(readdirSync(box.path('tmp')), ['status']);
    assert.equal(readdirSync(box.path('workspace')), ['app']);
  });
}

test('a workspace that is there is left as it is', () => {
  const box = new Box();
  mkdirSync(box.path('workspace/app'));
  writeFileSync(box.path('workspace/app/mine'), 'work in progress');
  assert.is(box.run(['true']).status, 0);
  assert.equal(readdirSync(box.path('workspace/app')), ['mine']);
  assert.is(box.read('tmp/status'), 'ready\n');
});

test('a failed clone is reported, does not keep the command from running, and is tried again', () => {
  const missing = join(root, 'not yet');
  const box = new Box({ url: missing });
  const first = box.run(['echo', 'ran']);
  assert.is(first.status, 0);
  assert.is(first.stdout, 'ran\n');
  assert.match(first.stderr, /no workspace .*tried again at the next start/);
  assert.match(box.read('tmp/status'), /^failed\n(.|\n)*not yet/);
  assert.equal(readdirSync(box.path('workspace')), []);
  git('clone', '--quiet', '--bare', upstream, missing);
  assert.is(box.run(['true']).status, 0);
  assert.is(box.read('tmp/status'), 'ready\n');
  assert.ok(existsSync(box.path('workspace/app/README')));
});

test('control characters of a server do not reach the status file', () => {
  const box = new Box();
  box.program('git', 'printf "fatal: \\033[2Jboo\\007\\n" >&2; exit 128');
  box.run(['true']);
  assert.is(box.read('tmp/status'), 'failed\nfatal: [2Jboo\n');
});

test('a clone that was cut off is begun anew', () => {
  const box = new Box();
  mkdirSync(box.path('workspace/.app.partial/.git'), { recursive: true });
  assert.is(box.run(['true']).status, 0);
  assert.ok(existsSync(box.path('workspace/app/README')));
  assert.equal(readdirSync(box.path('workspace')), ['app']);
});

test('an image without git says so and runs the command', () => {
  const box = new Box();
  for (const tool of ['cat', 'rm', 'mv', 'cp', 'mkdir', 'tail', 'tr', 'cut', 'sh']) {
    box.program(tool, `exec /bin/${tool} "$@"`);
  }
  const result = box.run(['sh', '-c', 'echo ran'], '/bin/sh', box.env(box.path('bin')));
  assert.is(result.stdout, 'ran\n');
  assert.is(box.read('tmp/status'), 'failed\ngit is not in the image\n');
});

test('a status directory, home and workspace that cannot be written are not fatal', () => {
  const box = new Box();
  // A file in a directory's place fails for root as well.
  for (const name of ['home', 'workspace', 'tmp']) {
    rmSync(box.path(name), { recursive: true });
    writeFileSync(box.path(name), '');
  }
  const result = box.run(['echo', 'ran']);
  assert.is(result.stdout, 'ran\n');
  assert.is(result.status, 0);
  assert.match(result.stderr, /settings of Claude Code/);
  assert.match(result.stderr, /no workspace/);
});

test('a home without settings gets ours, private to the user', () => {
  const box = new Box({ clone: false });
  box.run(['true']);
  const config = JSON.parse(box.read('home/.claude.json'));
  assert.equal(config.mcpServers, { 'claude-bottle-supervise': { type: 'http', url: 'http://supervise:9100/mcp' } });
  assert.is(config.hasCompletedOnboarding, true);
  assert.ok(existsSync(box.path('home/.claude/settings.json')));
});

test('settings that a user has are kept, and Claude Code itself adds the server to them, once', () => {
  const box = new Box({ clone: false });
  const own = '{"theme":"dark"}';
  writeFileSync(box.path('home/.claude.json'), own);
  box.program('claude', `printf '%s\\n' "$*" >>"${box.path('calls')}"`);
  assert.is(box.run(['true']).stderr, '');
  assert.is(box.read('home/.claude.json'), own);
  assert.match(box.read('calls'), /^mcp add-json --scope user claude-bottle-supervise \{\s+"type": "http"/);
  const calls = box.read('calls');
  writeFileSync(box.path('home/.claude.json'), '{"mcpServers":{"claude-bottle-supervise":{}}}');
  box.run(['true']);
  assert.is(box.read('calls'), calls);
});

test('a bottle without supervise registers nothing', () => {
  const box = new Box({ clone: false, supervise: false });
  writeFileSync(box.path('home/.claude.json'), '{}');
  box.program('claude', `touch "${box.path('called')}"`);
  assert.is(box.run(['true']).stderr, '');
  assert.not.ok(existsSync(box.path('called')));
  assert.is(box.read('home/.claude.json'), '{}');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends "sleep infinity" at once`, async () => {
    const box = new Box();
    const child = box.start();
    await until(() => existsSync(box.path('tmp/status')) && box.read('tmp/status') === 'ready\n');
    await sleep(100);
    const started = Date.now();
    child.kill(signal);
    assert.is(await exited(child), 143);
    assert.ok(Date.now() - started < 2_000);
  });
}

test('a command that ends itself on SIGTERM is waited for, and its exit code is the container’s', async () => {
  const box = new Box({ clone: false });
  const ready = box.path('ready');
  const child = box.start('sh', '-c', `trap 'sleep 0.3; exit 5' TERM; touch "${ready}"; while :; do sleep 0.1; done`);
  await until(() => existsSync(ready));
  child.kill('SIGTERM');
  await sleep(50);
  child.kill('SIGTERM');
  assert.is(await exited(child), 5);
});

test('SIGTERM during a clone that hangs ends the clone and the container', async () => {
  const box = new Box();
  box.program('git', `touch "${box.path('cloning')}"; exec sleep 60`);
  const child = box.start();
  await until(() => existsSync(box.path('cloning')));
  assert.is(box.read('tmp/status'), 'cloning\n');
  child.kill('SIGTERM');
  assert.is(await exited(child), 143);
});

/** Runs `command` as PID 1 of a PID namespace of its own. */
const asPid1 = (...command: string[]) =>
  spawnSync('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', 'timeout', '-s', 'KILL', '8', 'true'])
    .status === 0
    ? ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', ...command]
    : undefined;

if (asPid1('true') === undefined) {
  test.skip('as PID 1 it reaps and stops', 'unshare(1) cannot make a PID namespace here (needs root)');
} else {
  const COUNT_ZOMBIES =
    'for i in 1 2 3 4 5; do (sleep 0.1 &); done; sleep 0.6; grep -l "^State:.Z" /proc/[0-9]*/status | wc -l';

  for (const shell of ['dash', 'bash'].filter(has)) {
    test(`as PID 1 in ${shell} it leaves no zombie of an orphan`, () => {
      const box = new Box({ clone: false });
      const [program = '', ...args] = asPid1(shell, box.script, 'sh', '-c', COUNT_ZOMBIES) ?? [];
      const result = spawnSync(program, args, { env: box.env(), encoding: 'utf8' });
      assert.is(result.stdout.trim(), '0');
      // The control: a PID 1 that reaps nothing leaves all five.
      const idle = `require("child_process").spawn("sh", ["-c", ${JSON.stringify(COUNT_ZOMBIES)}], { stdio: "inherit" })`;
      const [other = '', ...rest] = asPid1(process.execPath, '-e', idle) ?? [];
      assert.is(spawnSync(other, rest, { encoding: 'utf8' }).stdout.trim(), '5');
    });

    test(`as PID 1 in ${shell} it ends on SIGTERM, which "sleep infinity" alone would ignore`, async () => {
      const stoppedWithin = async (millis: number, ...command: string[]): Promise<boolean> => {
        const [program = '', ...args] = asPid1(...command) ?? [];
        const outer = spawn(program, args, { env: new Box({ clone: false }).env(), stdio: 'ignore' });
        await sleep(400);
        const inner = readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').trim();
        process.kill(Number(inner), 'SIGTERM');
        const ended = await Promise.race([exited(outer).then(() => true), sleep(millis, false)]);
        outer.kill('SIGKILL');
        return ended;
      };
      const box = new Box({ clone: false });
      assert.is(await stoppedWithin(2_000, shell, box.script, 'sleep', 'infinity'), true);
      assert.is(await stoppedWithin(500, 'sleep', 'infinity'), false);
    });
  }
}

test.run();
