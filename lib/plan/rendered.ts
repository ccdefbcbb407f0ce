/** A bottle's plan and the documents that it became: what the last rules judge and what is then written. */

import type { BottlePlan, OverridePlan } from './bottle-plan.ts';

/** A service of a compose file: keys of the compose specification. */
export type ComposeService = Readonly<Record<string, unknown>>;

/** `compose.yaml` as data, as it will be parsed back (compose specification). */
export interface ComposeDocument {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  readonly volumes: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
}

/** Why an override did not change a service. */
export interface OverrideProblem {
  /** `refused`: it would set what is ours. */
  readonly kind: 'unapplied' | 'refused';
  /** Lower case: what is wrong, where, what is allowed. Never a value. */
  readonly message: string;
  readonly fix: string;
}

/** What one override did to one service. */
export interface OverrideEffect {
  readonly override: OverridePlan;
  readonly service: string;
  /** The places that it changed, as JSON pointers (RFC 6901) into the document; none if there was nothing to change. */
  readonly pointers: readonly string[];
  readonly problem?: OverrideProblem;
}

export interface RenderedBottle {
  readonly plan: BottlePlan;
  /** After all overrides. */
  readonly compose: ComposeDocument;
  /** Without any override: what differs from it was not said in the plan. */
  readonly plain: ComposeDocument;
  /** What the overrides did, in the order in which they were applied, service by service. */
  readonly effects: readonly OverrideEffect[];
  /** File texts by path relative to `<outdir>/<slug>/`; `compose.yaml` is the text of {@link compose}. */
  readonly files: Readonly<Record<string, string>>;
}
