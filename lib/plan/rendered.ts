/** A bottle's plan and the documents that it became: what the last rules judge and what is then written. */

import type { BottlePlan } from './bottle-plan.ts';

/** A service of a compose file: keys of the compose specification. */
export type ComposeService = Readonly<Record<string, unknown>>;

/** `compose.yaml` as data, as it will be parsed back (compose specification). */
export interface ComposeDocument {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  readonly volumes: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
}

export interface RenderedBottle {
  readonly plan: BottlePlan;
  /** After all overrides. */
  readonly compose: ComposeDocument;
  /** Without any override: what differs from it was not said in the plan. */
  readonly plain: ComposeDocument;
  /** File texts by path relative to `<outdir>/<slug>/`; `compose.yaml` is the text of {@link compose}. */
  readonly files: Readonly<Record<string, string>>;
}
