/** A suite over a rig of its own, with the tests' routes and credentials. */

import { type Suite, suite } from '../../support/suite.ts';
import { last } from './judging.ts';
import { type Arrival, missingEngine, type Rig, startRig } from './rig.ts';
import { ROUTES, TOKENS } from './routes.ts';
import type { Answer, Step } from './steps.ts';

export interface EgressSuite {
  readonly test: Suite;
  /** The rig, once the suite runs. */
  rig(): Rig;
  /** The last answer to the steps of one connection. */
  one(...steps: readonly Step[]): Promise<Answer>;
  /** The request whose target holds `mark`, as the origin got it. */
  arrived(mark: string): Promise<Arrival | undefined>;
  /** Registers `tests` and runs them; where no engine answers, the suite is one skipped test called `claim`. */
  run(claim: string, tests: () => void): void;
}

export async function egressSuite(
  title: string,
  { timeoutMs = 240_000, chain }: { readonly timeoutMs?: number; readonly chain?: Parameters<typeof startRig>[2] } = {},
): Promise<EgressSuite> {
  const test = suite(title, { timeoutMs });
  const missing = await missingEngine();
  let started: Rig | undefined;
  const rig = (): Rig => {
    if (started === undefined) throw new Error('the rig did not start');
    return started;
  };
  return {
    test,
    rig,
    one: async (...steps) => last((await rig().probe(steps))[0]),
    arrived: async (mark) =>
      (await rig().arrivals()).find(({ event, line }) => event === 'origin' && line?.includes(mark)),
    run: (claim, tests) => {
      if (missing === undefined) {
        test.before(async () => {
          started = await startRig(ROUTES, TOKENS, chain);
        });
        test.after(() => started?.stop());
        tests();
      } else {
        test.skip(claim, missing);
      }
      test.run();
    },
  };
}
