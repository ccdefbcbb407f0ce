import * as assert from 'uvu/assert';
import type { Docker } from '../../../lib/operate/index.ts';
import { parseWorkspaceStatus, workspaceReport } from '../../../lib/operate/index.ts';
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

test.run();
