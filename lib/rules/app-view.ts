import { agentContainerName, type BottlePlan, daemonAliases, sidecarsContainerName } from '../plan/index.ts';
import type { AppView } from './rule.ts';

/** Names of `plan` that must be its alone on one engine. */
export function uniqueNames(plan: BottlePlan): readonly string[] {
  const long = daemonAliases(plan).filter(({ daemon, alias }) => alias !== daemon);
  return [agentContainerName(plan.slug), sidecarsContainerName(plan.slug), ...long.map(({ alias }) => alias)];
}

export function appView(plans: readonly BottlePlan[]): AppView {
  const bySlug = new Map<string, BottlePlan[]>();
  const byName = new Map<string, BottlePlan[]>();
  const add = (map: Map<string, BottlePlan[]>, key: string, plan: BottlePlan): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [plan]);
    else known.push(plan);
  };
  for (const plan of plans) {
    add(bySlug, plan.slug, plan);
    for (const name of uniqueNames(plan)) add(byName, name, plan);
  }
  return { bySlug, byName };
}
