/** Declared policies of the golden bottle, and the changes of one operator. */

import type { PolicyChange, PolicyTexts, Stamp, Tokens } from '../../../../lib/operate/grants/index.ts';
import { changedGrants, type Grant, withGrants } from '../../../../lib/operate/grants/index.ts';
import type { BottlePlan, Daemon } from '../../../../lib/plan/index.ts';
import { renderPipelock, renderRoutes } from '../../../../lib/render/index.ts';
import { planWith } from '../../../support/plans.ts';

export const NOW = new Date('2026-03-01T12:00:00.000Z');

export function declaredPolicy(daemons: readonly Daemon[], more: Partial<BottlePlan['sidecars']> = {}): PolicyTexts {
  const plan = planWith(daemons, more);
  const routes = renderRoutes(plan);
  return { ...(routes === undefined ? {} : { routes }), pipelock: renderPipelock(plan) };
}

export const WITH_EGRESS = declaredPolicy(['egress']);
export const WITHOUT_EGRESS = declaredPolicy([], {
  pipelock: { ...planWith([]).sidecars.pipelock, allow: ['docs.example.org', '*.example.net'] },
});

export const TOKENS: Tokens = [
  { slot: 'EGRESS_TOKEN_0', from: 'CLAUDE_CODE_OAUTH_TOKEN' },
  { slot: 'EGRESS_TOKEN_1', from: 'GH_TOKEN' },
];

const made = { grants: 0 };

export const STAMP: Stamp = {
  id: () => {
    made.grants += 1;
    return `00000000-0000-4000-8000-${String(made.grants).padStart(12, '0')}`;
  },
  time: NOW.toISOString(),
  who: 'ann (uid 1000)',
  why: 'a test',
  origin: 'allow',
};

/** The grants after each of `changes` was made on its own, one after the other. */
export function granted(declared: PolicyTexts, ...changes: readonly PolicyChange[]): readonly Grant[] {
  const context = { tokens: TOKENS, stamp: STAMP, now: NOW };
  return changes.reduce<readonly Grant[]>((grants, change) => changedGrants(declared, grants, [change], context), []);
}

/** The policy that a bottle runs after `changes`. */
export const after = (declared: PolicyTexts, ...changes: readonly PolicyChange[]) =>
  withGrants(declared, granted(declared, ...changes), TOKENS, NOW);

export const open = (host: string, more: Partial<Extract<PolicyChange, { kind: 'open' }>> = {}): PolicyChange => ({
  kind: 'open',
  host,
  ...more,
});
export const close = (host: string): PolicyChange => ({ kind: 'close', host });
