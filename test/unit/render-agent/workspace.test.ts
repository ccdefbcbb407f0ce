import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as assert from 'uvu/assert';
import type { BottlePlan, WorkspacePlan } from '../../../lib/plan/index.ts';
import { renderAgentFiles } from '../../../lib/render/agent/index.ts';
import { guardedList, mountinfoPath } from '../../../lib/render/agent/workspace-guard.ts';
import { planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { boxesFor, has } from './box.ts';

const test = suite('render › agent › workspace');
const boxes = boxesFor(test);

const filesFor = (workspace: WorkspacePlan): Record<string, string> => {
  const plan = planWith([]);
  return renderAgentFiles({ ...plan, agent: { ...plan.agent, workspace } } satisfies BottlePlan);
};

if (has('shellcheck')) {
  test('the scripts of every kind of workspace are clean for shellcheck', () => {
    for (const workspace of [
      { kind: 'copy', hostPath: '~/src/My "App" \'x' },
      { kind: 'bind', hostPath: '../app', readOnly: true },
      { kind: 'bind', hostPath: "../it's", readOnly: false },
    ] satisfies WorkspacePlan[]) {
      for (const [name, input] of Object.entries(filesFor(workspace)).filter(([file]) => file.endsWith('.sh'))) {
        const check = spawnSync('shellcheck', ['--shell=sh', '-'], { input, encoding: 'utf8' });
        assert.is(check.stdout, '', `${name} of ${workspace.kind}`);
      }
    }
  });
} else {
  test.skip('the scripts of every kind of workspace are clean for shellcheck', 'shellcheck is not installed');
}

test('only an agent that writes to the host gets a guard', () => {
  const names = (workspace: WorkspacePlan): boolean => 'guard.sh' in filesFor(workspace);
  assert.equal(
    [
      names({ kind: 'bind', hostPath: '../app', readOnly: false }),
      names({ kind: 'bind', hostPath: '../app', readOnly: true }),
      names({ kind: 'copy', hostPath: '../app' }),
    ],
    [true, false, false],
  );
});

for (const shell of ['dash', 'bash', 'busybox']) {
  if (!has(shell)) {
    test.skip(`${shell} copies the snapshot`, `${shell} is not installed`);
    continue;
  }
  const run = (box: ReturnType<typeof boxes.box>) =>
    shell === 'busybox'
      ? spawnSync('busybox', ['sh', box.script, 'echo', 'ran'], { env: box.env(), encoding: 'utf8' })
      : box.run(['echo', 'ran'], shell);

  test(`${shell} copies the snapshot once, links as links`, () => {
    const source = boxes.path(`snapshot of ${shell}`);
    mkdirSync(`${source}/bin`, { recursive: true });
    writeFileSync(`${source}/bin/run`, '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('/etc/passwd', `${source}/link`);
    symlinkSync('/etc', `${source}/dir`);
    const box = boxes.box({ step: { kind: 'copy', source } });
    const first = run(box);
    assert.equal([first.stdout, first.stderr], ['ran\n', '']);
    assert.is(box.read('tmp/status'), 'ready\n');
    assert.is(readlinkSync(box.path('workspace/app/link')), '/etc/passwd');
    assert.is(readlinkSync(box.path('workspace/app/dir')), '/etc');
    assert.is(statSync(box.path('workspace/app/bin/run')).mode & 0o111, 0o111);
    writeFileSync(box.path('workspace/app/bin/run'), 'mine');
    run(box);
    assert.is(readFileSync(box.path('workspace/app/bin/run'), 'utf8'), 'mine');
    assert.equal(readdirSync(box.path('workspace')), ['app']);
  });
}

test('a copy that was cut off is begun anew, and an empty directory counts for none', () => {
  const source = boxes.path('whole');
  mkdirSync(source);
  writeFileSync(`${source}/a`, '');
  const box = boxes.box({ step: { kind: 'copy', source } });
  mkdirSync(box.path('workspace/.app.partial/half'), { recursive: true });
  mkdirSync(box.path('workspace/app'));
  assert.is(box.run(['true']).status, 0);
  assert.equal(readdirSync(box.path('workspace/app')), ['a']);
  assert.equal(readdirSync(box.path('workspace')), ['app']);
});

test('a copy that fails is reported, is not fatal, and is tried again', () => {
  const source = boxes.path('late');
  const box = boxes.box({ step: { kind: 'copy', source } });
  assert.is(box.run(['echo', 'ran']).stdout, 'ran\n');
  assert.is(box.read('tmp/status'), 'failed\nthere is nothing to copy\n');
  mkdirSync(source);
  writeFileSync(`${source}/a`, '');
  box.program('cp', 'case $* in *late*) echo "cp: disk full" >&2; mkdir -p "$3"; exit 1 ;; esac; exec /bin/cp "$@"');
  assert.is(box.run(['true']).status, 0);
  assert.is(box.read('tmp/status'), 'failed\ncp: disk full\n');
  assert.equal(readdirSync(box.path('workspace')), []);
  rmSync(box.path('bin/cp'));
  box.run(['true']);
  assert.is(box.read('tmp/status'), 'ready\n');
});

test('a mounted directory that the agent may write is ready, and one that it may not is told with whose it is', () => {
  const box = boxes.box({ step: { kind: 'bind', readOnly: false } });
  mkdirSync(box.path('workspace/app'));
  box.run(['true']);
  assert.is(box.read('tmp/status'), 'ready\n');
  rmSync(box.path('workspace/app'), { recursive: true });
  // Nobody, not even root, may enter a file.
  writeFileSync(box.path('workspace/app'), '', { mode: 0o644 });
  const { stdout } = box.run(['echo', 'ran']);
  assert.is(stdout, 'ran\n');
  assert.match(
    box.read('tmp/status'),
    /^unwritable\nuid \d+ may not write it: it is of uid \d+, gid \d+, mode -rw-r--r--/,
  );
});

test('nothing runs if the guard refuses', () => {
  const box = boxes.box({ step: { kind: 'bind', readOnly: false, guard: boxes.path('guard.sh') } });
  mkdirSync(box.path('workspace/app'));
  writeFileSync(boxes.path('guard.sh'), 'exit 78');
  const refused = box.run(['echo', 'ran']);
  assert.equal([refused.status, refused.stdout], [78, '']);
  assert.match(refused.stderr, /the agent is not started/);
  assert.equal(readdirSync(box.path('home')), []);
  writeFileSync(boxes.path('guard.sh'), 'exit 0');
  assert.is(box.run(['echo', 'ran']).stdout, 'ran\n');
});

test('the list of protected paths is written as the kernel writes paths', () => {
  assert.is(mountinfoPath('a b\tc\\d\ne#ü'), 'a\\040b\\011c\\134d\\012e#ü');
  assert.is(
    guardedList([
      { how: 'rw', path: 'my lib' },
      { how: 'ro', path: 'my lib/.git' },
    ]),
    'rw my\\040lib\nro my\\040lib/.git\n',
  );
});

test.run();
