import type { Daemon } from '../../lib/plan/index.ts';
import { renderBottle } from '../../lib/render/index.ts';
import { matchesGolden } from '../support/golden.ts';
import { planWith } from '../support/plans.ts';
import { suite } from '../support/suite.ts';

const test = suite('golden bottle files');

const OPTIONAL: readonly Daemon[] = ['egress', 'git-gate', 'supervise'];

/** Every subset of the daemons that a bottle may leave out. */
const subsets = OPTIONAL.reduce<readonly (readonly Daemon[])[]>(
  (all, daemon) => all.flatMap((subset) => [subset, [...subset, daemon]]),
  [[]],
);

for (const subset of subsets) {
  const name = ['pipelock', ...subset].join('+');
  test(`a bottle with ${name} renders its golden files`, () => {
    matchesGolden(name, renderBottle(planWith(subset)));
  });
}

test.run();
