/** The bridge of the internal network takes in nothing, also after it was made anew (docs/decisions/0005). */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { docker } from '../../examples/demo/internet/docker.ts';
import { bottle, type TemporaryProject, temporaryProject } from '../support/cli.ts';
import { suite } from '../support/suite.ts';

const test = suite('the internal bridge', { timeoutMs: 300_000 });
const SLUG = 'sealed';

const projects: TemporaryProject[] = [];
const run = (made: TemporaryProject, ...args: string[]) =>
  bottle(made.directory, args, { CLAUDE_BOTTLE_HOME: join(made.directory, 'home') });

async function bridgeSetting(): Promise<string> {
  const [network] = JSON.parse(await docker(['network', 'inspect', `claude-bottle-${SLUG}_internal`])) as [
    { Id: string },
  ];
  return `/proc/sys/net/ipv4/conf/br-${network.Id.slice(0, 12)}/rp_filter`;
}

const agentId = async (): Promise<string> =>
  (await docker(['inspect', '--format', '{{.Id}}', `claude-bottle-${SLUG}`])).trim();

test.after(async () => {
  for (const made of projects) {
    await run(made, 'destroy', SLUG, '--volumes', '--yes');
    made.remove();
  }
});

if (process.getuid?.() === 0) {
  test('is sealed by a deploy, and again by the next one after it was lost, under the same agent', async () => {
    const made = temporaryProject(
      `import { App, Bottle } from 'claude-bottle';\nconst app = new App();\nnew Bottle(app, '${SLUG}', { agent: {}, sidecars: {} });\napp.synth();\n`,
    );
    projects.push(made);
    const first = await run(made, 'deploy');
    assert.is(first.exitCode, 0, first.stderr);
    const setting = await bridgeSetting();
    assert.is(readFileSync(setting, 'utf8').trim(), '1');

    const agent = await agentId();
    assert.match((await run(made, 'deploy')).stdout, 'nothing to do');
    writeFileSync(setting, '0');
    const again = await run(made, 'deploy');
    assert.is(again.exitCode, 0, again.stderr);
    assert.is(readFileSync(setting, 'utf8').trim(), '1');
    assert.is(await agentId(), agent);
  });
} else {
  test.skip('is sealed by a deploy', 'only root may unseal a bridge to see it sealed again');
}

test.run();
