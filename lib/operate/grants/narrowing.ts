/** Whether a change only takes away: then what it replaces must not come back because a daemon is slow. */

import { isDeepStrictEqual } from 'node:util';
import { type PolicyTexts, parsePolicy } from './declared.ts';
import { difference } from './difference.ts';
import type { Tokens } from './live-policy.ts';
import { isPipelockWithin } from './steps.ts';

/** Whether the routes files agree in all but their routes. */
function sameBesideRoutes(before: PolicyTexts, after: PolicyTexts): boolean {
  const [old, now] = [before, after].map((texts) => {
    const { routes } = parsePolicy(texts);
    return routes === undefined ? undefined : { ...routes, routes: [] };
  });
  return isDeepStrictEqual(old, now);
}

/** Whether `after` lets nothing through that `before` does not, unscanned neither, and differs in nothing else. */
export const isNarrowing = (before: PolicyTexts, after: PolicyTexts, tokens: Tokens): boolean =>
  difference(before, after, tokens).opens.length === 0 &&
  sameBesideRoutes(before, after) &&
  isPipelockWithin(after.pipelock, before.pipelock);
