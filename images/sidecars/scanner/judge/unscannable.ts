/** What becomes of a text that cannot be searched whole. */

import type { Refusal } from '../refusal.ts';
import { DecodeBudgetError, type Effort, UnscannableError } from '../secrets/budget.ts';

/**
 * The verdict of `search`, or the refusal that `refuse` makes of the reason why it could not be told. With quick effort a
 * used-up budget is no verdict: the `DecodeBudgetError` is for whoever scans again with more.
 */
export async function orUnscannable(
  search: () => Promise<Refusal | undefined>,
  effort: Effort,
  refuse: (why: string) => Refusal,
): Promise<Refusal | undefined> {
  try {
    return await search();
  } catch (reason) {
    const isForMoreEffort = effort === 'quick' && reason instanceof DecodeBudgetError;
    if (isForMoreEffort || !(reason instanceof UnscannableError)) throw reason;
    return refuse(reason.message);
  }
}
