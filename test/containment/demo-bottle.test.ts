/** The sandbox-escape suite and the probes of the deliberate differences, on the bottle of examples/demo. */

import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  allowedSite,
  broadcastOutOfReach,
  cleanPush,
  cloneThroughGate,
  hostOutOfReach,
  innerHopOutOfReach,
  type Probe,
  pathOutsideRoute,
  plantedSecrets,
  portsFromHost,
  portsFromNeighbour,
  resolverOutOfReach,
  secretAsSubdomain,
  secretPush,
  spoofs,
  superviseTools,
  unlistedSite,
} from '../../examples/demo/probes/index.ts';
import { type OpenStage, openStage } from '../../examples/demo/stage.ts';
import { suite } from '../support/suite.ts';

const test = suite('the demo bottle', { timeoutMs: 600_000 });

const opened: OpenStage[] = [];
function stage(): OpenStage {
  const [only] = opened;
  if (only === undefined) throw new Error('the stage did not open');
  return only;
}

test.before(async () => {
  opened.push(
    await openStage({
      definition: join(import.meta.dirname, '../../examples/demo/app.ts'),
      slug: 'demo-containment',
      subnet: '198.51.100.64/26',
      output: 'ignore',
      suffix: 'containment',
    }),
  );
});
test.after(async () => {
  for (const one of opened) await one.close();
});

const PROBES: readonly (readonly [string, Probe])[] = [
  ['grant', allowedSite],
  ['attack 1', unlistedSite],
  ...spoofs.map((probe) => ['attack 2', probe] as const),
  ...plantedSecrets.map((probe) => ['attack 3', probe] as const),
  ['attack 4a', secretAsSubdomain],
  ['attack 4b', resolverOutOfReach],
  ['route', pathOutsideRoute],
  ['grant', cloneThroughGate],
  ['grant', cleanPush],
  ['attack 5', secretPush],
  ['grant', superviseTools],
  ['difference 1', innerHopOutOfReach],
  ['difference 2', portsFromNeighbour],
  ['difference 2', portsFromHost],
  ['difference 3', hostOutOfReach],
  ['difference 3', broadcastOutOfReach],
];

for (const [what, probe] of PROBES) {
  test(`${what}: ${probe.title}: ${probe.expected}`, async () => {
    const verdict = await probe.run(stage());
    assert.ok(verdict.ok, `the agent saw: ${verdict.seen}; what arrived: ${verdict.arrived}`);
  });
}

test.run();
