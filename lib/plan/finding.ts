/** What the rules report. */

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
  readonly location?: { readonly file: string; readonly line: number };
}
