import {
  type BottlePlan,
  type Finding,
  type Locate,
  locatedFinding,
  type ProjectView,
  UNKNOWN_PROJECT,
} from '../plan/index.ts';
import { appView } from './app-view.ts';
import { RULES } from './registry.ts';
import type { Breach, Rule } from './rule.ts';

const NO_LOCATIONS: ReadonlyMap<object, Locate> = new Map();

/**
 * Every breach of every rule in every bottle, in order of declaration. `locations` are the places of the plans' parts
 * in the definition, as lowering gives them; `project` is where the definition lies.
 */
export function checkPlans(
  plans: readonly BottlePlan[],
  locations: ReadonlyMap<object, Locate> = NO_LOCATIONS,
  project: ProjectView = UNKNOWN_PROJECT,
): Finding[] {
  const app = appView(plans, project, locations);
  const finding = (rule: Rule, bottle: BottlePlan, breach: Breach): Finding => {
    const locate = locations.get(breach.part ?? bottle) ?? locations.get(bottle);
    const { path, message, fix = rule.fix } = breach;
    return locatedFinding({ rule: rule.id, severity: rule.severity, path, message, fix }, locate?.());
  };
  return plans.flatMap((bottle) =>
    RULES.flatMap((rule) => [...rule.check(bottle, app)].map((breach) => finding(rule, bottle, breach))),
  );
}
