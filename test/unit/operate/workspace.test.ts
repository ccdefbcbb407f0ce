import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { BottleError } from '../../../lib/errors.ts';
import type { Docker } from '../../../lib/operate/index.ts';
import { createDocker, parseWorkspaceStatus, workspaceReport } from '../../../lib/operate/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('workspace report');

/** A Docker whose status file holds `texts`, one a call, the last one for ever. */
function dockerSaying(...texts: readonly string[]): { docker: Docker; calls: string[][] } {
  const calls: string[][] = [];
  const docker: Docker = {
    run: () => Promise.reject(new Error('not called')),
    attempt: async (args) => {
      calls.push([...args]);
      return { stdout: texts[Math.min(calls.length, texts.length) - 1] ?? '', stderr: '', exitCode: 0 };
    },
  };
  return { docker, calls };
}

test('knows the three states of the entrypoint and nothing else', () => {
  assert.equal(parseWorkspaceStatus('ready\n'), { state: 'ready', detail: '' });
  assert.equal(parseWorkspaceStatus('cloning\n'), { state: 'cloning', detail: '' });
  assert.equal(parseWorkspaceStatus('failed\nfatal: no\n'), { state: 'failed', detail: 'fatal: no' });
  for (const text of ['', 'READY', 'ready now', '{"state":"ready"}']) {
    assert.is(parseWorkspaceStatus(text).state, 'unknown', text);
  }
});

test('what the agent writes cannot move the cursor, colour the terminal or fill it', () => {
  const { detail } = parseWorkspaceStatus(`failed\n\u001b[2J\u001b]0;x\u0007fatal\r\u202e${'a'.repeat(10_000)}`);
  assert.ok(/^[\x20-\x7e]*$/.test(detail));
  assert.ok(detail.length <= 2_000);
});

test('waits while the clone is under way, and no longer', async () => {
  const { docker, calls } = dockerSaying('cloning\n', 'cloning\n', 'ready\n');
  assert.equal(await workspaceReport(docker, 'agent', 5), { state: 'ready', detail: '' });
  assert.is(calls.length, 3);
  const slow = dockerSaying('cloning\n');
  assert.is((await workspaceReport(slow.docker, 'agent', 0)).state, 'cloning');
  assert.is(slow.calls.length, 1);
});

test('a docker that gives no answer is an unknown state, not an error', async () => {
  const docker: Docker = {
    run: () => Promise.reject(new Error('not called')),
    attempt: () => Promise.reject(new BottleError('docker/timed-out', 'docker exec gave no answer in time')),
  };
  assert.equal(await workspaceReport(docker, 'agent', 0), { state: 'unknown', detail: '' });
});

test(
  'a pipe in place of the status file ends the read, with and without timeout in the image',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'workspace-'));
    const pipe = join(directory, 'pipe');
    spawnSync('mkfifo', [pipe]);
    // `docker exec <container> …` runs on this machine, the status file replaced by the pipe.
    const fake = (tools: string): string =>
      `#!/bin/sh\nshift 2\nset -- "$1" "$2" "$3" ${pipe}\nPATH=${tools} exec "$@"\n`;
    const noTimeout = join(directory, 'tools');
    mkdirSync(noTimeout);
    for (const tool of ['sh', 'head']) symlinkSync(`/usr/bin/${tool}`, join(noTimeout, tool));
    try {
      for (const tools of ['/usr/bin:/bin', noTimeout]) {
        writeFileSync(join(directory, 'docker'), fake(tools), { mode: 0o755 });
        const docker = createDocker({ env: { PATH: `${directory}:/usr/bin:/bin` } });
        const started = Date.now();
        assert.is((await workspaceReport(docker, 'agent', 0)).state, 'unknown', tools);
        assert.ok(Date.now() - started < 9_000, tools);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
  { timeoutMs: 30_000 },
);

test.run();
