/** How the init ends in the real image. */

import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { DAEMONS } from '../../../lib/plan/index.ts';
import { bundleSuite, pidIn, startBundle, TOKEN } from './bundle.ts';

/** Ends the container as compose does; its exit code (137 if the engine had to kill it). */
async function stopped(name: string): Promise<number> {
  await execa('docker', ['stop', '--time', '10', name]);
  return Number((await execa('docker', ['inspect', '--format', '{{.State.ExitCode}}', name])).stdout);
}

bundleSuite('init in the sidecar image: stop', (test) => {
  test('docker stop ends the four daemons with code 0, and none has to be killed', async () => {
    const bundle = await startBundle(DAEMONS, 1000);
    await bundle.healthy();
    assert.is(await stopped(bundle.name), 0);
    const logs = await bundle.logs();
    assert.not.match(logs, 'ended, SIGKILL');
    assert.match(logs, '[init] every daemon has ended; exit code 0');
    assert.not.match(logs, TOKEN);
  });

  test('a daemon that ignores SIGTERM is killed at 8 s, before the engine would kill all', async () => {
    const text = '#!/bin/sh\ntrap "" TERM\necho stubborn\nwhile :; do sleep 1; done\n';
    const path = '/usr/local/bin/git-gate_entrypoint.sh';
    const bundle = await startBundle(DAEMONS, 1000, undefined, { file: { path, text } });
    await bundle.until('the others', ({ daemons }) => ['egress', 'pipelock', 'supervise'].every((n) => daemons[n]?.up));
    const asked = Date.now();
    assert.is(await stopped(bundle.name), 0);
    assert.ok(Date.now() - asked >= 7_900, `took ${Date.now() - asked} ms`);
    const logs = await bundle.logs();
    assert.match(logs, '[init] git-gate: ended, SIGKILL');
    assert.match(logs, '[init] every daemon has ended; exit code 0');
  });

  test('a second and a third signal change nothing', async () => {
    const bundle = await startBundle(['pipelock', 'supervise'], 0);
    await bundle.healthy();
    for (const name of ['TERM', 'INT', 'TERM']) await bundle.signal(name).catch(() => {});
    assert.is(await bundle.exitCode(), 0);
    assert.is((await bundle.logs()).split('stopping every daemon').length, 2);
  });

  test('SIGINT stops as SIGTERM does', async () => {
    const bundle = await startBundle(['pipelock'], 0);
    await bundle.healthy();
    await bundle.signal('INT');
    assert.is(await bundle.exitCode(), 0);
  });

  test('SIGTERM while the daemons start leaves a container that has ended', async () => {
    const bundle = await startBundle(DAEMONS, 0);
    // Before Node has a handler the signal ends the container, with 143 and nothing started; then it is a stop.
    await bundle.signal('TERM');
    const code = await bundle.exitCode();
    assert.ok([0, 143].includes(code), `exit code ${code}`);
    const logs = await bundle.logs();
    assert.ok(code === 0 || !logs.includes('started, pid'), logs);
  });

  test('with CLAUDE_BOTTLE_INIT_RESTART=never the death of its only daemon is the end, with its code', async () => {
    const env = ['CLAUDE_BOTTLE_INIT_RESTART=never'];
    const bundle = await startBundle(['supervise'], 12_345, 12_345, { env });
    const report = await bundle.healthy();
    await bundle.as(12_345, 'sh', '-c', `kill -9 ${pidIn(report, 'supervise')}`);
    assert.is(await bundle.exitCode(), 137);
  });

  test('any other word in CLAUDE_BOTTLE_INIT_RESTART is refused with 2 before anything starts', async () => {
    const bundle = await startBundle(DAEMONS, 0, undefined, { env: ['CLAUDE_BOTTLE_INIT_RESTART=no'] });
    assert.is(await bundle.exitCode(), 2);
    assert.match(await bundle.logs(), 'CLAUDE_BOTTLE_INIT_RESTART is "no"; allowed: always, never');
  });
});
