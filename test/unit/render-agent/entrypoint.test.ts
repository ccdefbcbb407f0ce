import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { renderAgentFiles } from '../../../lib/render/agent/index.ts';
import { planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { boxesFor, git, has } from './box.ts';

const test = suite('render › agent › entrypoint');
const boxes = boxesFor(test);

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
    const box = boxes.box({ url: boxes.upstream });
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
  const box = boxes.box({ url: boxes.upstream });
  mkdirSync(box.path('workspace/app'));
  writeFileSync(box.path('workspace/app/mine'), 'work in progress');
  assert.is(box.run(['true']).status, 0);
  assert.equal(readdirSync(box.path('workspace/app')), ['mine']);
  assert.is(box.read('tmp/status'), 'ready\n');
});

test('a failed clone is reported, does not keep the command from running, and is tried again', () => {
  const missing = boxes.path('not yet');
  const box = boxes.box({ url: missing });
  const first = box.run(['echo', 'ran']);
  assert.is(first.status, 0);
  assert.is(first.stdout, 'ran\n');
  assert.match(first.stderr, /no workspace .*tried again at the next start/);
  assert.match(box.read('tmp/status'), /^failed\n(.|\n)*not yet/);
  assert.equal(readdirSync(box.path('workspace')), []);
  git('clone', '--quiet', '--bare', boxes.upstream, missing);
  assert.is(box.run(['true']).status, 0);
  assert.is(box.read('tmp/status'), 'ready\n');
  assert.ok(existsSync(box.path('workspace/app/README')));
});

test('control characters of a server do not reach the status file', () => {
  const box = boxes.box({ url: boxes.upstream });
  box.program('git', 'printf "fatal: \\033[2Jboo\\007\\n" >&2; exit 128');
  box.run(['true']);
  assert.is(box.read('tmp/status'), 'failed\nfatal: [2Jboo\n');
});

test('a clone that was cut off is begun anew', () => {
  const box = boxes.box({ url: boxes.upstream });
  mkdirSync(box.path('workspace/.app.partial/.git'), { recursive: true });
  assert.is(box.run(['true']).status, 0);
  assert.ok(existsSync(box.path('workspace/app/README')));
  assert.equal(readdirSync(box.path('workspace')), ['app']);
});

test('an image without git says so and runs the command', () => {
  const box = boxes.box({ url: boxes.upstream });
  for (const tool of ['cat', 'rm', 'mv', 'cp', 'mkdir', 'tail', 'tr', 'cut', 'sh']) {
    box.program(tool, `exec /bin/${tool} "$@"`);
  }
  const result = box.run(['sh', '-c', 'echo ran'], '/bin/sh', box.env(box.path('bin')));
  assert.is(result.stdout, 'ran\n');
  assert.is(box.read('tmp/status'), 'failed\ngit is not in the image\n');
});

test('a status directory, home and workspace that cannot be written are not fatal', () => {
  const box = boxes.box({ url: boxes.upstream });
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
  const box = boxes.box();
  box.run(['true']);
  const config = JSON.parse(box.read('home/.claude.json'));
  assert.equal(config.mcpServers, { 'claude-bottle-supervise': { type: 'http', url: 'http://supervise:9100/mcp' } });
  assert.is(config.hasCompletedOnboarding, true);
  assert.ok(existsSync(box.path('home/.claude/settings.json')));
});

test('settings that a user has are kept, and Claude Code itself adds the server to them, once', () => {
  const box = boxes.box();
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
  const box = boxes.box({ supervise: false });
  writeFileSync(box.path('home/.claude.json'), '{}');
  box.program('claude', `touch "${box.path('called')}"`);
  assert.is(box.run(['true']).stderr, '');
  assert.not.ok(existsSync(box.path('called')));
  assert.is(box.read('home/.claude.json'), '{}');
});

test.run();
