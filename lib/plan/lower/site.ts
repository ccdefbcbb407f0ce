/** Where lowering is, and what it has found wrong so far. */

import type { Locate } from '../declared.ts';
import { type Finding, locatedFinding, type Severity } from '../finding.ts';

/** Ids of the findings that lowering reports itself; lib/rules/shape-rules.ts explains them. */
export const SHAPE_RULES = {
  unknownKey: 'bottles::unknown-key',
  wrongType: 'bottles::wrong-type',
  missing: 'bottles::missing',
  exactlyOne: 'bottles::exactly-one',
  misplaced: 'bottles::misplaced-construct',
  duplicateEnv: 'bottles::env-duplicate',
  override: 'bottles::override-shape',
} as const;

export type ShapeRule = (typeof SHAPE_RULES)[keyof typeof SHAPE_RULES];

/** One place of the definition. */
export interface Site {
  /** Construct path. */
  readonly path: string;
  readonly locate: Locate;
  report(rule: ShapeRule, message: string, fix: string, severity?: Severity): void;
  /** A place within this one, e.g. a route of a daemon. */
  at(locate: Locate): Site;
  construct(path: string, locate: Locate): Site;
  /** Remembers where a part of the plan was declared, and returns it. */
  declared<const T extends object>(part: T): T;
}

export interface Notes {
  readonly findings: Finding[];
  readonly locations: Map<object, Locate>;
}

export function siteAt(notes: Notes, path: string, locate: Locate): Site {
  return {
    path,
    locate,
    report: (rule, message, fix, severity = 'error') => {
      notes.findings.push(locatedFinding({ rule, severity, path, message, fix }, locate()));
    },
    at: (inner) => siteAt(notes, path, inner),
    construct: (innerPath, inner) => siteAt(notes, innerPath, inner),
    declared: (part) => {
      notes.locations.set(part, locate);
      return part;
    },
  };
}
