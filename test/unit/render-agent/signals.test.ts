import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { boxesFor, has } from './box.ts';

const test = suite('render › agent › signals');
const boxes = boxesFor(test);

const exited = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? new Promise((resolve) => child.once('exit', (code) => resolve(code)));

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 8_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not yet: ${condition}`);
    await sleep(10);
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends "sleep infinity" at once`, async () => {
    const box = boxes.box({ url: boxes.upstream });
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
  const box = boxes.box();
  const ready = box.path('ready');
  const child = box.start('sh', '-c', `trap 'sleep 0.3; exit 5' TERM; touch "${ready}"; while :; do sleep 0.1; done`);
  await until(() => existsSync(ready));
  child.kill('SIGTERM');
  await sleep(50);
  child.kill('SIGTERM');
  assert.is(await exited(child), 5);
});

test('SIGTERM during a clone that hangs ends the clone and the container', async () => {
  const box = boxes.box({ url: boxes.upstream });
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
      const box = boxes.box();
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
        const outer = spawn(program, args, { env: boxes.box().env(), stdio: 'ignore' });
        await sleep(400);
        const inner = readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').trim();
        process.kill(Number(inner), 'SIGTERM');
        const ended = await Promise.race([exited(outer).then(() => true), sleep(millis, false)]);
        outer.kill('SIGKILL');
        return ended;
      };
      const box = boxes.box();
      assert.is(await stoppedWithin(2_000, shell, box.script, 'sleep', 'infinity'), true);
      assert.is(await stoppedWithin(500, 'sleep', 'infinity'), false);
    });
  }
}

test.run();
