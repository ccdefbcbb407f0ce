/** What a health check is. */

import type { LineListener } from './line-prefixer.ts';

export type ProbeResult =
  | {
      readonly up: true;
      /** SHA-256 (hex) of the policy file that the daemon runs; empty while it is not known. */
      readonly digest: string;
      /** How many reloads it has refused since it started. */
      readonly refusals: number;
    }
  | { readonly up: false; readonly detail: string };

/** Checks one run of one daemon. */
export interface Probe {
  /** Asks the daemon; `signal` ends the attempt. May reject, which counts as not up. */
  check(signal: AbortSignal): Promise<ProbeResult>;
  /** For a probe that learns from what the daemon prints. */
  readonly stdoutLines?: LineListener;
  readonly stderrLines?: LineListener;
}

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** `value` if it is a SHA-256 in hex, else the empty string: a daemon's own word goes no further than that. */
export function digestOr(value: unknown): string {
  return typeof value === 'string' && SHA256_HEX.test(value) ? value : '';
}

/** `value` if it is a count, else 0. */
export function countOr(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
