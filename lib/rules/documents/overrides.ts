/** Escape hatches that did not do what they say. What they did, the other rules judge. */

import {
  listed,
  type OverrideEffect,
  type OverridePlan,
  type OverrideProblem,
  quoted,
  type RenderedBottle,
} from '../../plan/index.ts';
import type { DocumentBreach, DocumentRule } from '../document-rule.ts';

/** The effects of each override, which has as many as there are services that it is for. */
function byOverride({ effects }: RenderedBottle): ReadonlyMap<OverridePlan, readonly OverrideEffect[]> {
  const found = new Map<OverridePlan, OverrideEffect[]>();
  for (const effect of effects) {
    const known = found.get(effect.override);
    if (known === undefined) found.set(effect.override, [effect]);
    else known.push(effect);
  }
  return found;
}

/** The first service that an override is for: a finding about all of them stands there. */
const pointerOf = (effects: readonly OverrideEffect[]): string => `/services/${effects[0]?.service}`;

/** One breach an override, also where it is for several services: those beyond the first are named. */
function* problems(bottle: RenderedBottle, kind: OverrideProblem['kind']): Iterable<DocumentBreach> {
  for (const [part, effects] of byOverride(bottle)) {
    const bad = effects.filter(({ problem }) => problem?.kind === kind);
    const [first, ...others] = bad;
    if (first?.problem === undefined) continue;
    const also = others.length === 0 ? '' : `; so it is with ${listed(others.map(({ service }) => quoted(service)))}`;
    yield { pointer: pointerOf(bad), part, message: `${first.problem.message}${also}`, fix: first.problem.fix };
  }
}

function* idle(bottle: RenderedBottle): Iterable<DocumentBreach> {
  for (const [part, effects] of byOverride(bottle)) {
    if (part.kind !== 'delete' || effects.some(({ pointers, problem }) => pointers.length > 0 || problem)) continue;
    const services = listed(effects.map(({ service }) => quoted(service)));
    yield {
      pointer: pointerOf(effects),
      part,
      message: `addDeletionOverride(${quoted(part.path)}) removes nothing: there is no such place in ${services}`,
    };
  }
}

export const OVERRIDE_RULES: readonly DocumentRule[] = [
  {
    id: 'bottles::override-applies',
    severity: 'error',
    what: 'an override that does not fit the rendered service, or a patch of which a `test` fails',
    why: 'the service would be another one than the definition says; no part of such an override is applied',
    fix: 'mend the path',
    check: (bottle) => problems(bottle, 'unapplied'),
  },
  {
    id: 'bottles::override-reserved-label',
    severity: 'error',
    what: "an override of a label that is ours, or Compose's or the engine's own",
    why: 'deploy and Compose find what is theirs by such labels, and drift is found by them',
    fix: 'choose a name of your own, or use the property `labels` of the bottle',
    check: (bottle) => problems(bottle, 'refused'),
  },
  {
    id: 'bottles::override-idle',
    severity: 'warning',
    what: 'a deletion override that removes nothing',
    why: 'its path may be misspelled, and what it was to remove is still there',
    fix: 'mend the path, or leave the override out',
    check: idle,
  },
];
