import type { Construct } from 'constructs';
import { DeclaredNode } from './declared-construct.ts';

export interface PipelockProps {
  /**
   * Which scanner stands in the slot; an image with the other one is an error at deploy.
   * @default the scanner that the project's lock names
   */
  readonly engine?: 'pipelock' | 'builtin';
  /**
   * Hosts to allow besides those of the routes: exact, or `*.suffix`. Behind egress a host still needs a route.
   * @default none
   */
  readonly allow?: readonly string[];
  /**
   * The agent can also dial pipelock itself, past the path rules of egress. Synth warns.
   * @default false
   */
  readonly exposed?: boolean;
  /**
   * Largest intercepted response, in bytes; larger ones are refused.
   * @default 33554432 (32 MiB)
   */
  readonly maxResponseBytes?: number;
  /**
   * Largest intercepted request body, in bytes; larger ones are refused.
   * @default 5242880 (5 MiB)
   */
  readonly maxBodyBytes?: number;
}

/** The last hop: host allowlist again, SSRF guard, and data-loss prevention on URL, headers and body. */
export class Pipelock extends DeclaredNode {
  constructor(scope: Construct, id: string, props: PipelockProps = {}) {
    super(scope, id, props);
  }
}
