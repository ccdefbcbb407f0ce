/** Changes of a definition, and the lines that tell them. */

import * as assert from 'uvu/assert';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import type { suite } from '../../support/suite.ts';
import { diffPlans, linesOf } from './versions.ts';

export type Case = readonly [what: string, before: BottlePlan, after: BottlePlan, lines: readonly (string | RegExp)[]];

/** A test of each case: its lines are told, and no other line of what opens or closes. */
export function testTold(test: ReturnType<typeof suite>, cases: readonly Case[]): void {
  for (const [what, before, after, expected] of cases) {
    test(what, () => {
      const diff = diffPlans(before, after);
      const lines = linesOf(diff);
      assert.is(diff.status, 'changed');
      for (const line of expected) {
        if (typeof line === 'string') assert.ok(lines.includes(line), `${line}\nis not among\n${lines.join('\n')}`);
        else
          assert.ok(
            lines.some((one) => line.test(one)),
            `${line}\nmatches none of\n${lines.join('\n')}`,
          );
      }
      // What opens and closes is told whole: no line more than is expected.
      const isTold = (line: string): boolean => !line.startsWith('~');
      assert.equal(
        lines.filter(isTold),
        expected.filter((line): line is string => typeof line === 'string' && isTold(line)),
      );
    });
  }
}
