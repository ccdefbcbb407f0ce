/** Rendered bottles, and edits of their compose file such as an override makes. */

import type { BottlePlan, ComposeDocument, RenderedBottle, Shape } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import type { EditableDocument } from '../../support/bad-document-edits.ts';
import { DAEMON_SUBSETS, exposed, planWith, subsetName } from '../../support/plans.ts';

export interface NamedPlan {
  readonly name: string;
  readonly plan: BottlePlan;
}

const variants = (shape: Shape): readonly NamedPlan[] =>
  DAEMON_SUBSETS.flatMap((subset) => {
    const name = `${shape} ${subsetName(subset)}`;
    return [
      { name, plan: planWith(subset, { shape }) },
      { name: `${name} exposed`, plan: planWith(subset, { shape, ...exposed(subset) }) },
      {
        name: `${name} external`,
        plan: planWith(subset, { shape, egressNetwork: { kind: 'external', name: 'test-internet' } }),
      },
    ];
  });

/** Every set of daemons in both shapes, each also with pipelock exposed and with an external egress network. */
export const EVERY_PLAN: readonly NamedPlan[] = [...variants('bundle'), ...variants('split')];

/** `plan` rendered, with its compose file changed by `edit`. */
export function edited(
  plan: BottlePlan,
  edit: (services: EditableDocument['services'], document: EditableDocument) => void,
): RenderedBottle {
  const bottle = renderedBottle(plan);
  const compose = structuredClone(bottle.compose) as unknown as EditableDocument;
  edit(compose.services, compose);
  return { ...bottle, compose: compose as unknown as ComposeDocument };
}
