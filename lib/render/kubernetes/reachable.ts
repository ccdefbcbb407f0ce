/** Which daemons the agent may dial. */

import { type BottlePlan, type Daemon, pipelockIsInnerHop } from '../../plan/index.ts';

/** The daemons that face the agent, in canonical order: all but an inner hop. */
export function agentFacing(plan: BottlePlan): readonly Daemon[] {
  return plan.sidecars.daemons.filter((daemon) => daemon !== 'pipelock' || !pipelockIsInnerHop(plan));
}
