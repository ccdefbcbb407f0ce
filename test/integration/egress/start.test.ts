/** What keeps egress from starting: it never listens without valid routes on one address. */

import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { LISTEN, missingEngine, startRig } from './rig.ts';
import { ROUTES, TOKENS } from './routes.ts';

const test = suite('the start of egress', { timeoutMs: 240_000 });
const missing = await missingEngine();

const FAULTS = {
  'a routes file with an unknown key': `${ROUTES}extra: 1\n`,
  'a routes file that is not YAML': `${ROUTES}{\n`,
  'a listen address on all interfaces': ROUTES.replace(LISTEN, '0.0.0.0'),
  'a listen address that does not resolve': ROUTES.replace(LISTEN, 'nowhere'),
};

for (const [name, routes] of Object.entries(FAULTS)) {
  if (missing !== undefined) {
    test.skip(`does not start with ${name}`, missing);
    continue;
  }
  test(`does not start with ${name}`, async () => {
    const problem = await startRig(routes, TOKENS).then(
      async (rig) => {
        await rig.stop();
        return 'it started';
      },
      (error: Error) => error.message,
    );
    assert.match(problem, '"stopped"');
    assert.not.match(problem, '"listening"');
  });
}

test.run();
