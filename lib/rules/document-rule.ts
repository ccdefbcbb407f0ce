/** What a rule over rendered documents is: it judges what is written in the end, overrides and aspects included. */

import type { RenderedBottle, Severity } from '../plan/index.ts';

/** One breach of a rule, in `compose.yaml`. */
export interface DocumentBreach {
  /** JSON pointer (RFC 6901) into the document; below `/services/<name>` the finding is that of the service's construct. */
  readonly pointer: string;
  /** Lower case: what is wrong, the value, what is allowed. Never a secret value. */
  readonly message: string;
  /** What to do, where the rule's own `fix` can be said more exactly. */
  readonly fix?: string;
  /**
   * The part of the plan, or the override, that is to blame, by which the line of the definition is found; where it is
   * not said, that follows from {@link pointer}.
   */
  readonly part?: object;
}

export interface DocumentRule {
  readonly id: `bottles::${string}`;
  readonly severity: Severity;
  /** What it refuses, one sentence, lower case. */
  readonly what: string;
  /** What would happen otherwise. */
  readonly why: string;
  readonly fix: string;
  check(bottle: RenderedBottle): Iterable<DocumentBreach>;
}
