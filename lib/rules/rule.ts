/** What a rule is. */

import type { BottlePlan, MountPlan, ProjectView, Severity } from '../plan/index.ts';
import type { ByPlace } from './by-place.ts';

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

/** A bind mount through which a container of the app can write to the host. */
export interface WritableBind {
  readonly slug: string;
  readonly service: 'the agent' | 'the bundle';
  readonly mount: MountPlan & { readonly kind: 'bind' };
  /** What of the plan it comes from: the mount, or the workspace. */
  readonly part: object;
}

/** The private key of a git remote on the host. */
export interface IdentityFile {
  readonly remote: string;
  readonly path: string;
}

/** What a rule about one bottle needs to know of the others, and of the project. */
export interface AppView {
  /** The bottles of each slug, in order of declaration. */
  readonly bySlug: ReadonlyMap<string, readonly BottlePlan[]>;
  /** The bottles that claim a container name or a long alias, one of each slug. */
  readonly byName: ReadonlyMap<string, readonly BottlePlan[]>;
  readonly project: ProjectView;
  /** Of all bottles, at the places of their sources. */
  readonly writable: ByPlace<WritableBind>;
  readonly keys: ByPlace<IdentityFile>;
  /** Of each bottle whose managed subnet overlaps with that of another one: that other. */
  readonly subnetClashes: ReadonlyMap<BottlePlan, BottlePlan>;
  /** Whether the line of the definition is known that made a part of a plan. */
  readonly isLocated: (part: object) => boolean;
  /** Where code lies that the host runs, as `codePlaces` says; found when it is first asked for. */
  readonly code: () => readonly string[];
}

/** What a rule says of itself: its page is written from it. */
export interface RuleText {
  readonly id: `bottles::${string}`;
  readonly severity: Severity;
  /** What it refuses, one sentence, lower case. */
  readonly what: string;
  /** What would happen otherwise. */
  readonly why: string;
  readonly fix: string;
}

export interface Rule extends RuleText {
  check(bottle: BottlePlan, app: AppView): Iterable<Breach>;
}
