/** What the rules report. */

import type { Location } from './declared.ts';

export type Severity = 'error' | 'warning';

/** One thing that is wrong, or that a reader should know, about an app. */
export interface Finding {
  /** Stable id, `bottles::<name>`. */
  readonly rule: string;
  readonly severity: Severity;
  /** Path of the construct in the tree, e.g. `demo/Sidecars/egress`; empty for the app itself. */
  readonly path: string;
  /** Lower case: what is wrong, the value, what is allowed. Never a secret value. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
  /** Where the definition declares it, where that can be had. */
  readonly location?: Location;
  /** The rendered file that shows it, relative to the output directory, e.g. `demo/compose.yaml`. */
  readonly artifact?: string;
  /** The place in {@link artifact} as a JSON pointer (RFC 6901), e.g. `/services/agent/privileged`. */
  readonly pointer?: string;
  /** The reason of whoever acknowledged this warning: it is kept in the report, and no longer counts. */
  readonly acknowledged?: string;
}

/** `finding` with its place in the definition, where that is known. */
export function locatedFinding(finding: Omit<Finding, 'location'>, location: Location | undefined): Finding {
  return location === undefined ? finding : { ...finding, location };
}
