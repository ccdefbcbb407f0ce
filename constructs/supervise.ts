import type { Construct } from 'constructs';
import { DeclaredNode } from './declared-construct.ts';

export interface SuperviseProps {
  /**
   * Seconds that a proposal waits for the operator before it is `expired`, a denial.
   * @default 600
   */
  readonly deadlineSeconds?: number;
}

/** The MCP server by which the agent asks the operator for more. */
export class Supervise extends DeclaredNode {
  constructor(scope: Construct, id: string, props: SuperviseProps | true = true) {
    super(scope, id, props);
  }
}
