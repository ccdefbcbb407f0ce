/**
 * How long a proposal of the agent may wait for the operator, in whole seconds: what synth takes, what supervise runs with
 * and what a reader of its queue believes.
 */
export const DEADLINE_SECONDS = {
  /** Less leaves a person no time to answer. */
  least: 10,
  standard: 600,
  /** A day: a call must end. */
  most: 86_400,
} as const;
