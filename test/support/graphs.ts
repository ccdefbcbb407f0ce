/** Pictures' data of a plan, as the verb has it from the files that synth wrote. */

import { bottlePolicy } from '../../lib/explain/index.ts';
import { type BottleGraph, bottleGraph } from '../../lib/graph/index.ts';
import { type BottlePlan, type RenderedBottle, tokenSlotName } from '../../lib/plan/index.ts';
import { renderedBottle } from '../../lib/render/index.ts';
import { topologyOf } from '../../lib/topology/index.ts';

export function graphOf(
  plan: BottlePlan,
  change: (bottle: RenderedBottle) => RenderedBottle = (bottle) => bottle,
): BottleGraph {
  const rendered = change(renderedBottle(plan));
  const {
    'egress/routes.yaml': routes,
    'pipelock/pipelock.yaml': pipelock = '',
    'git-gate/git-gate.json': gitGate,
  } = rendered.files;
  const policy = bottlePolicy({
    slug: plan.slug,
    source: 'definition',
    ...(routes === undefined ? {} : { routes }),
    pipelock,
    ...(gitGate === undefined ? {} : { gitGate }),
    hasSupervise: plan.sidecars.supervise !== undefined,
    tokens: (plan.sidecars.egress?.tokens ?? []).map((from, slot) => ({ slot: tokenSlotName(slot), from })),
    declared: { routes: {}, remotes: {} },
    grants: {},
  });
  return bottleGraph(topologyOf(rendered), policy, plan.sidecars.shape);
}
