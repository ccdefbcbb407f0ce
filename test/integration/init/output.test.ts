/** What comes out of the init in the real image. */

import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { bundleSuite, startBundle } from './bundle.ts';

bundleSuite('init in the sidecar image: output', (test) => {
  test('what a slow reader of its stdout has not read when it ends is not lost', async () => {
    // One daemon, which prints while nobody reads, and then asks the init, of its own user here, to end.
    const text = `require('node:child_process').spawnSync('seq', ['1', '40000'], { stdio: 'inherit' });
      require('node:fs').writeFileSync('/tmp/written', '');
      process.kill(process.ppid, 'SIGTERM');
      setInterval(() => {}, 1000);`;
    const slowReader = '{ until [ -e /tmp/written ]; do sleep 0.05; done; sleep 0.5; cat; }';
    const bundle = await startBundle(['supervise'], 12345, 12345, {
      shell: `tini -s -- node /opt/claude-bottle/init.cjs | ${slowReader}`,
      file: { path: '/opt/claude-bottle/supervise.cjs', text },
    });
    await execa('docker', ['wait', bundle.name]);
    const { stdout } = await execa('docker', ['logs', bundle.name]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('[supervise] '));
    assert.is(
      lines.findIndex((line, position) => line !== `[supervise] ${position + 1}`),
      -1,
    );
    assert.is(lines.length, 40_000);
    assert.match(stdout, '[init] every daemon has ended; exit code 0');
  });
});
