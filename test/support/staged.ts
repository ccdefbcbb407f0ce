/** A suite on one deployed bottle beside a test internet. */

import * as assert from 'uvu/assert';
import type { Probe } from '../../examples/demo/probes/index.ts';
import { type OpenStage, openStage, type StageOptions } from '../../examples/demo/stage.ts';
import { SHAPES, type Shape } from '../../lib/plan/index.ts';
import type { Suite } from './suite.ts';

/** One network for all suites, which run one after the other; beside that of the demo. */
const SUBNET = '198.51.100.64/26';

/** Opens the stage before the tests of `test`, hands it to `prepare`, and closes it after them. */
export function onStage(
  test: Suite,
  options: Omit<StageOptions, 'subnet' | 'output'>,
  prepare: (stage: OpenStage) => Promise<void> = async () => {},
): () => OpenStage {
  const opened: OpenStage[] = [];
  const stage = (): OpenStage => {
    const [only] = opened;
    if (only === undefined) throw new Error('the stage did not open');
    return only;
  };
  test.before(async () => {
    opened.push(await openStage({ shape: 'bundle', ...options, subnet: SUBNET, output: 'ignore' }));
    await prepare(stage());
  });
  test.after(async () => {
    for (const one of opened) await one.close();
  });
  return stage;
}

/** `tests` for one bottle as a bundle, then turned by a deploy into a split one. */
export function inBothShapes(test: Suite, stage: () => OpenStage, tests: (shape: Shape) => void): void {
  for (const shape of SHAPES) {
    test(`${shape}: a deploy brings the bottle into this shape`, async () => {
      await stage().deploy(shape);
      assert.is(stage().shape, shape);
    });
    tests(shape);
  }
}

/** A test a probe, its name beginning with `prefix`: what it expects must hold, judged at the receiver. */
export function holdAll(
  test: Suite,
  stage: () => OpenStage,
  probes: readonly (readonly [what: string, Probe])[],
  prefix: string,
): void {
  for (const [what, probe] of probes) {
    test(`${prefix}: ${what}: ${probe.title}: ${probe.expected}`, async () => {
      const verdict = await probe.run(stage());
      assert.ok(verdict.ok, `the agent saw: ${verdict.seen}; what arrived: ${verdict.arrived}`);
    });
  }
}
