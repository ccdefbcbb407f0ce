import {
  BOTTLE_FILE,
  type BottlePlan,
  type BottleView,
  type Finding,
  HOUSE_FINDINGS,
  type HouseBreach,
  type HouseRulePlan,
  type Locate,
  locatedFinding,
  quoted,
  type RenderedBottle,
  scopesOf,
} from '../../plan/index.ts';
import { overrideAt } from '../locate-at.ts';
import { partAt } from '../part-at.ts';
import { deepFrozen } from './deep-frozen.ts';
import { saidBreaches } from './said-breaches.ts';
import { HOUSE_RULE_TEXTS } from './texts.ts';

const FAILED_FIX = HOUSE_RULE_TEXTS.find(({ id }) => id === HOUSE_FINDINGS.failed)?.fix ?? '';

/** The parts of a plan that are constructs. */
function constructsOf(plan: BottlePlan): readonly { readonly path: string }[] {
  const { egress, pipelock, gitGate, supervise } = plan.sidecars;
  return [plan, plan.agent, plan.sidecars, egress, pipelock, gitGate, supervise].flatMap((part) => part ?? []);
}

function breachFinding(
  rule: HouseRulePlan,
  rendered: RenderedBottle,
  breach: HouseBreach,
  locations: ReadonlyMap<object, Locate>,
): Finding {
  const { plan } = rendered;
  const artifact = breach.artifact ?? (breach.pointer === undefined ? undefined : BOTTLE_FILE.compose);
  const place = artifact === BOTTLE_FILE.compose ? breach.pointer : undefined;
  const shown = place === undefined ? plan : partAt(rendered, place);
  const path = breach.path ?? shown.path;
  const construct = constructsOf(plan).find((part) => part.path === path) ?? shown;
  const overridden = place === undefined ? undefined : overrideAt(rendered, place);
  const brought = breach.part ?? (construct === shown ? overridden : undefined) ?? construct;
  const locate = locations.get(brought) ?? locations.get(construct) ?? locations.get(plan);
  return locatedFinding(
    {
      rule: rule.id,
      severity: rule.severity,
      path,
      message: breach.message,
      fix: breach.fix ?? rule.fix,
      ...(artifact === undefined ? {} : { artifact: `${plan.slug}/${artifact}` }),
      ...(breach.pointer === undefined ? {} : { pointer: breach.pointer }),
    },
    locate?.(),
  );
}

function failure(rule: HouseRulePlan, { path }: BottlePlan, problem: string): Finding {
  const message = `the rule ${quoted(rule.id)} ${problem}`;
  const said = { rule: HOUSE_FINDINGS.failed, severity: 'error', path, message, fix: FAILED_FIX } as const;
  return locatedFinding(said, rule.locate());
}

/** The rules that hold for a bottle, by its construct path, each once; looked up by scope, for thousands of either. */
function ruleLookup(rules: readonly HouseRulePlan[]): (path: string) => readonly HouseRulePlan[] {
  const byScope = new Map<string, HouseRulePlan[]>();
  for (const rule of rules) {
    for (const scope of rule.scopes) {
      const known = byScope.get(scope);
      if (known === undefined) byScope.set(scope, [rule]);
      else known.push(rule);
    }
  }
  return (path) => [...new Set(scopesOf(path).flatMap((scope) => byScope.get(scope) ?? []))];
}

/**
 * A check that asks every rule of the house that holds for a bottle. A rule gets what is written, frozen, so that it can
 * change nothing; a rule that fails is an error in each bottle that it failed in.
 */
export function houseRuleCheck(
  rules: readonly HouseRulePlan[],
  locations: ReadonlyMap<object, Locate>,
): (rendered: RenderedBottle) => readonly Finding[] {
  const rulesOf = ruleLookup(rules);
  return (rendered) => {
    const { plan, compose, files } = rendered;
    const own = rulesOf(plan.path);
    if (own.length === 0) return [];
    const view: BottleView = deepFrozen({ plan, compose, files });
    return own.flatMap((rule) =>
      saidBreaches(rule, view).map((said) =>
        'breach' in said ? breachFinding(rule, rendered, said.breach, locations) : failure(rule, plan, said.problem),
      ),
    );
  };
}
