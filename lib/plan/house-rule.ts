/** An organisation's own rules, and the warnings that somebody answers for: what a definition says, and what it lowers to. */

import type { BottlePlan } from './bottle-plan.ts';
import type { Locate } from './declared.ts';
import type { Finding, Severity } from './finding.ts';
import type { RenderedBottle } from './rendered.ts';

/** One bottle as a rule of the house sees it, in the end: overrides and aspects applied. Frozen all the way down. */
export interface BottleView extends Pick<RenderedBottle, 'compose' | 'files'> {
  readonly plan: BottlePlan;
}

/** One breach of a rule of the house. */
export interface HouseBreach {
  /** What is wrong, the value, what is allowed. Credentials that are recognized in it are not shown. */
  readonly message: string;
  /**
   * Construct path, at or below the bottle's.
   * @default that of the service which `pointer` leads to, else the bottle's
   */
  readonly path?: string;
  /**
   * The part of the plan that breaks the rule, e.g. a route of `plan.sidecars.egress.routes`: the finding gets its line.
   * @default the construct of `path`
   */
  readonly part?: object;
  /**
   * What to do, where the rule's own `fix` can be said more exactly.
   * @default the rule's
   */
  readonly fix?: string;
  /**
   * Name of the rendered file that shows it, a key of `files`.
   * @default 'compose.yaml' if there is a `pointer`, else none
   */
  readonly artifact?: string;
  /** The place in the file as a JSON pointer (RFC 6901), e.g. `/services/agent/privileged`. */
  readonly pointer?: string;
}

/** A rule of an organisation's own. It decides synchronously, from what it is given alone. */
export interface HouseRule {
  /** `<namespace>::<name>`, e.g. `acme::no-wildcards`; the namespace `bottles` is this package's. */
  readonly id: string;
  /** An `error` keeps synth from writing anything, and cannot be acknowledged. */
  readonly severity: Severity;
  /** What it refuses, one sentence. */
  readonly what?: string;
  /** What would happen otherwise. */
  readonly why?: string;
  /** What to do about a breach. */
  readonly fix: string;
  /** Every breach of the rule in one bottle; an empty list if there is none. */
  check(bottle: BottleView): Iterable<HouseBreach>;
}

/** A warning that somebody has looked at and answers for. */
export interface Acknowledgement {
  /** Id of the rule, e.g. `bottles::route-tls-passthrough`. */
  readonly id: string;
  /** Why it may stay, in a sentence of at least {@link REASON_SHORTEST} characters. It is kept in the report. */
  readonly reason: string;
}

/** Longest and shortest reason of an acknowledgement. */
export const REASON_SHORTEST = 10;
export const REASON_LONGEST = 500;

/** Ids of what is reported about rules of the house and acknowledgements themselves. */
export const HOUSE_FINDINGS = {
  invalid: 'bottles::house-rule-invalid',
  failed: 'bottles::house-rule-failed',
  unknown: 'bottles::acknowledgement-unknown',
  ofError: 'bottles::acknowledgement-of-error',
  reason: 'bottles::acknowledgement-reason',
  unused: 'bottles::acknowledgement-unused',
} as const;

/** A rule of the house that is well-formed, and where it holds. */
export interface HouseRulePlan extends Omit<HouseRule, 'check'> {
  /** Construct paths: it is asked about every bottle at or below one of them. */
  readonly scopes: readonly string[];
  /** Of the first call that added it. */
  readonly locate: Locate;
  /** What the rule's own `check` gives, whatever that is. Throws what it throws. */
  ask(bottle: BottleView): unknown;
}

/** A well-formed acknowledgement; its id may still be that of no rule. */
export interface AcknowledgementPlan extends Acknowledgement {
  /** Construct path: it holds there and below. */
  readonly path: string;
  readonly locate: Locate;
}

/** What a house adds to the rules of this package. */
export interface HousePlan {
  readonly rules: readonly HouseRulePlan[];
  readonly acknowledgements: readonly AcknowledgementPlan[];
  /** What is wrong with those that are not in the lists. */
  readonly findings: readonly Finding[];
}

/** One call of `Rules.add` or `Rules.acknowledge`, as it was made. */
export interface DeclaredHouseCall {
  /** Construct path of the scope. */
  readonly path: string;
  readonly given: unknown;
  readonly locate: Locate;
}

export interface DeclaredHouse {
  readonly rules: readonly DeclaredHouseCall[];
  readonly acknowledgements: readonly DeclaredHouseCall[];
}

/** Whether `path` is `scope` or below it; the empty scope is the app. */
export const isWithin = (path: string, scope: string): boolean =>
  scope === '' || path === scope || path.startsWith(`${scope}/`);

/** The construct paths of `path` and of all that it is in, the app's first. */
export function scopesOf(path: string): readonly string[] {
  const ids = path === '' ? [] : path.split('/');
  return ['', ...ids.map((_, index) => ids.slice(0, index + 1).join('/'))];
}
