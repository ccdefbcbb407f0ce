/** What a house adds to the rules of this package, from the calls that were made to what synth works with. */

import { locatedFinding } from '../finding.ts';
import {
  type DeclaredHouse,
  type DeclaredHouseCall,
  type HOUSE_FINDINGS,
  type HousePlan,
  scopesOf,
} from '../house-rule.ts';
import { lowerAcknowledgements } from './acknowledgements.ts';
import { lowerHouseRules } from './house-rules.ts';
import type { Notes } from './site.ts';

type HouseFinding = (typeof HOUSE_FINDINGS)[keyof typeof HOUSE_FINDINGS];

/** Where calls are judged. */
export interface HouseSite {
  readonly notes: Notes;
  /** Reports an error, at the place of the call. */
  report(rule: HouseFinding, call: DeclaredHouseCall, message: string, fix: string): void;
  isInsideBottle(path: string): boolean;
}

/** Never throws, whatever was given. `bottles` are the construct paths of the app's bottles. */
export function lowerHouse(house: DeclaredHouse, bottles: readonly string[]): HousePlan {
  const notes: Notes = { findings: [], locations: new Map() };
  const known = new Set(bottles);
  const site: HouseSite = {
    notes,
    report: (rule, { path, locate }, message, fix) => {
      notes.findings.push(locatedFinding({ rule, severity: 'error', path, message, fix }, locate()));
    },
    isInsideBottle: (path) => scopesOf(path).some((scope) => scope !== path && known.has(scope)),
  };
  const rules = lowerHouseRules(site, house.rules);
  const acknowledgements = lowerAcknowledgements(site, house.acknowledgements);
  return { rules, acknowledgements, findings: notes.findings };
}
