/** What a rule is. */

import type { BottlePlan, Severity } from '../plan/index.ts';

/** One breach of a rule. */
export interface Breach {
  /** Construct path. */
  readonly path: string;
  /** Lower case: what is wrong, the value, what is allowed. Never a secret value. */
  readonly message: string;
  /** The part of the plan that breaks the rule, by which the line of the definition is found. */
  readonly part?: object;
  /** What to do, where the rule's own `fix` can be said more exactly. */
  readonly fix?: string;
}

/** What a rule about one bottle needs to know of the others. */
export interface AppView {
  /** The bottles of each slug, in order of declaration. */
  readonly bySlug: ReadonlyMap<string, readonly BottlePlan[]>;
  /** The bottles that claim a container name or a long alias. */
  readonly byName: ReadonlyMap<string, readonly BottlePlan[]>;
}

export interface Rule {
  readonly id: `bottles::${string}`;
  readonly severity: Severity;
  /** What it refuses, one sentence, lower case. */
  readonly what: string;
  /** What would happen otherwise. */
  readonly why: string;
  readonly fix: string;
  check(bottle: BottlePlan, app: AppView): Iterable<Breach>;
}
