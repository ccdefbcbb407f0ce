/** From calls of `Rules.acknowledge` to acknowledgements that may be looked up. */

import {
  type AcknowledgementPlan,
  type DeclaredHouseCall,
  HOUSE_FINDINGS,
  REASON_LONGEST,
  REASON_SHORTEST,
} from '../house-rule.ts';
import { credentialIn } from '../secrets.ts';
import { quoted } from '../shown.ts';
import type { HouseSite } from './house.ts';
import { fieldsOf, neededText, wrongType } from './shape.ts';
import { siteAt } from './site.ts';

const WHAT = 'the acknowledgement';

/** What is wrong with a reason that is a text. */
function reasonProblem(reason: string): string | undefined {
  const { length } = reason.trim();
  if (length < REASON_SHORTEST)
    return `is ${quoted(reason)}, of ${length} characters; allowed: at least ${REASON_SHORTEST}`;
  if (length > REASON_LONGEST) return `has ${length} characters; allowed: at most ${REASON_LONGEST}`;
  const credential = credentialIn(reason);
  return credential === undefined ? undefined : `holds ${credential}; allowed: a reason without secrets`;
}

function lowered(site: HouseSite, call: DeclaredHouseCall): readonly AcknowledgementPlan[] {
  const { path, locate, given } = call;
  const at = siteAt(site.notes, path, locate);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    wrongType(at, WHAT, given, "an object such as { id: 'bottles::agent-root', reason: '…' }");
    return [];
  }
  const fields = fieldsOf(at, WHAT, given, { allowed: ['id', 'reason'] });
  const id = neededText(at, `\`id\` of ${WHAT}`, fields['id']);
  const reason = neededText(at, `\`reason\` of ${WHAT}`, fields['reason']);
  if (id === undefined || reason === undefined) return [];
  const problem = reasonProblem(reason);
  if (problem === undefined) return [{ id, reason: reason.trim(), path, locate }];
  const fix =
    'say in a sentence why the warning may stay, for whoever reads the report; replace a credential that was in it';
  site.report(HOUSE_FINDINGS.reason, call, `\`reason\` of ${WHAT} of ${quoted(id)} ${problem}`, fix);
  return [];
}

/** Every acknowledgement that is well-formed. */
export const lowerAcknowledgements = (
  site: HouseSite,
  calls: readonly DeclaredHouseCall[],
): readonly AcknowledgementPlan[] => calls.flatMap((call) => lowered(site, call));
