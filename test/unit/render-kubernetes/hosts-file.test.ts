/** The step before the agent, run by a real shell as a kubelet would start it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { agentUrls } from '../../../lib/plan/index.ts';
import { DAEMON_SUBSETS, fullMatrix, planWith, subsetName } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { containerOf, manifestsOf, podOf } from './rendered.ts';

const test = suite("the agent's hosts file on Kubernetes");

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-hosts-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

/** What a kubelet makes of a text (k8s.io/kubernetes third_party/forked/golang/expansion). */
const expanded = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replace(/\$(\$|\(([^)]*)\))/g, (whole, what: string, name: string) =>
    what === '$' ? '$' : (variables[name] ?? whole),
  );

/** Runs the step; its file lies in {@link scratch} instead of the volume. */
async function ran(plan: ReturnType<typeof fullMatrix>, variables: Readonly<Record<string, string>>) {
  const pod = podOf(manifestsOf(plan), 'agent');
  const { command = [], args = [] } = containerOf(pod, 'names');
  const [program = '', ...words] = [...command, ...args]
    .map((word) => expanded(word, variables))
    .map((word) => word.replaceAll('/hosts/hosts', join(scratch, 'hosts')));
  const result = await execa(program, words, { reject: false, env: {}, extendEnv: false });
  return { exitCode: result.exitCode, stderr: result.stderr };
}

const ADDRESS = { CLAUDE_BOTTLE_SIDECARS_SERVICE_HOST: '10.96.7.9' };

for (const subset of DAEMON_SUBSETS) {
  test(`with ${subsetName(subset)}, it names every daemon that a URL of the agent names`, async () => {
    const plan = planWith(subset);
    assert.equal(await ran(plan, ADDRESS), { exitCode: 0, stderr: '' });
    const lines = readFileSync(join(scratch, 'hosts'), 'utf8').trimEnd().split('\n');
    assert.equal(lines.slice(0, 2), ['127.0.0.1 localhost claude-bottle-demo-abc12', '::1 localhost']);
    const [address, ...names] = lines[2]?.split(' ') ?? [];
    assert.is(address, '10.96.7.9');
    assert.is(lines.length, 3);
    for (const { url } of agentUrls(plan)) assert.ok(names.includes(new URL(url).hostname), url);
    assert.is(names.includes('pipelock'), !subset.includes('egress'));
  });
}

test('it fails, and so keeps the agent from starting, while the Service has no address', async () => {
  const missing = await ran(fullMatrix(), {});
  assert.is(missing.exitCode, 1);
  assert.match(missing.stderr, /apply the Service first/);
  assert.is((await ran(fullMatrix(), { CLAUDE_BOTTLE_SIDECARS_SERVICE_HOST: 'None' })).exitCode, 1);
  assert.is((await ran(fullMatrix(), { CLAUDE_BOTTLE_SIDECARS_SERVICE_HOST: 'fd00::7' })).exitCode, 1);
});

test('the agent has the file read-only, in the place of its own', () => {
  const mount = containerOf(podOf(manifestsOf(fullMatrix()), 'agent'), 'agent').volumeMounts.find(
    ({ mountPath }) => mountPath === '/etc/hosts',
  );
  assert.equal(mount, { name: 'hosts', mountPath: '/etc/hosts', subPath: 'hosts', readOnly: true });
});

test.run();
