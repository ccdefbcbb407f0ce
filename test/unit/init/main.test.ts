/** The entry point itself, as the image runs it: what it refuses before it starts anything. */

import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { bundled, endAll, scratch, started } from './harness.ts';

const test = suite('init entry point');
test.afterEach(endAll);

const main = bundled('images/sidecars/init/main.ts');

test('a selection that names no daemon ends with 2 and says what is allowed', async () => {
  const init = started([main], { ...process.env, CLAUDE_BOTTLE_SIDECAR_DAEMONS: 'nginx, redis' }, scratch);
  assert.equal(await init.exited, { code: 2, signal: null });
  assert.match(init.errors(), 'CLAUDE_BOTTLE_SIDECAR_DAEMONS names no daemon: ["nginx","redis"]');
  assert.match(init.errors(), 'egress, pipelock, git-gate, supervise');
  assert.is(init.text(), '');
});

test.run();
