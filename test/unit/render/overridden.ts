/** Overrides of a plan, and what they make of its agent. */

import * as assert from 'uvu/assert';
import type { BottlePlan, JsonPatchOperation, OverridePlan } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { planWith } from '../../support/plans.ts';

export const set = (path: string, value: unknown): OverridePlan => ({ kind: 'set', path, value });
export const remove = (path: string): OverridePlan => ({ kind: 'delete', path });
export const patch = (...operations: JsonPatchOperation[]): OverridePlan => ({ kind: 'patch', operations });

export const withAgent = (overrides: readonly OverridePlan[], plan: BottlePlan = planWith([])): BottlePlan => ({
  ...plan,
  agent: { ...plan.agent, overrides },
});

export const withSidecars = (overrides: readonly OverridePlan[], plan: BottlePlan = planWith([])): BottlePlan => ({
  ...plan,
  sidecars: { ...plan.sidecars, overrides },
});

/** Why the last of `overrides` was not applied. */
export function problem(...overrides: OverridePlan[]): string {
  const { effects, compose, plain } = renderedBottle(withAgent(overrides));
  const last = effects.at(-1);
  assert.equal(last?.pointers.length === 0 || last?.problem !== undefined, true);
  if (overrides.length === 1) assert.equal(compose, plain);
  return last?.problem?.message ?? '';
}
