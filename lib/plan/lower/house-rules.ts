/** From calls of `Rules.add` to rules that may be asked. */

import type { Severity } from '../finding.ts';
import { type BottleView, type DeclaredHouseCall, HOUSE_FINDINGS, type HouseRulePlan } from '../house-rule.ts';
import { withoutCredentials } from '../secrets.ts';
import { LONGEST_TEXT, quoted, shortened, typeName } from '../shown.ts';
import type { HouseSite } from './house.ts';

const ID = /^(?=.{3,100}$)([a-z][a-z0-9-]*)::[a-z0-9][a-z0-9-]*$/;
const OWN_NAMESPACE = 'bottles';
const FIX = "write { id: 'acme::no-wildcards', severity: 'error', fix: '…', check: (bottle) => [] }";

type Fields = Readonly<Record<'id' | 'severity' | 'what' | 'why' | 'fix' | 'check', unknown>>;

/** A rule of any class; reading it may run code of the definition's. */
function readFields(given: unknown): Fields | string {
  if (typeof given !== 'object' || given === null) return `the rule is ${typeName(given)}; allowed: a HouseRule`;
  try {
    const { id, severity, what, why, fix, check } = given as Fields;
    return { id, severity, what, why, fix, check };
  } catch {
    return 'the rule throws when its fields are read; allowed: a HouseRule';
  }
}

const isAsync = (check: unknown): boolean => /^\[object Async/.test(Object.prototype.toString.call(check));

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** Everything that is wrong with a rule's fields. */
function problemsOf({ id, severity, what, why, fix, check }: Fields): readonly string[] {
  const shown = (value: unknown): string => (typeof value === 'string' ? quoted(value) : typeName(value));
  const [, namespace] = typeof id === 'string' ? (ID.exec(id) ?? []) : [];
  const name = namespace === undefined ? 'the rule' : `the rule ${quoted(String(id))}`;
  const problems: (string | false)[] = [
    namespace === undefined &&
      `the id of the rule is ${shown(id)}; allowed: '<namespace>::<name>' of lower-case letters, digits and hyphens`,
    namespace === OWN_NAMESPACE &&
      `the id of the rule is ${shown(id)}; the namespace '${OWN_NAMESPACE}' belongs to this package`,
    severity !== 'error' &&
      severity !== 'warning' &&
      `the severity of ${name} is ${shown(severity)}; allowed: 'error' or 'warning'`,
    what !== undefined && !isText(what) && `\`what\` of ${name} is ${typeName(what)}; allowed: a text`,
    why !== undefined && !isText(why) && `\`why\` of ${name} is ${typeName(why)}; allowed: a text`,
    !isText(fix) && `\`fix\` of ${name} is ${typeName(fix)}; allowed: a text that says what to do`,
    typeof check !== 'function' && `\`check\` of ${name} is ${typeName(check)}; allowed: a function`,
    isAsync(check) && `\`check\` of ${name} is asynchronous; allowed: a function that returns its breaches at once`,
  ];
  return problems.filter((problem) => problem !== false);
}

function rulePlan(call: DeclaredHouseCall, { id, severity, what, why, fix, check }: Fields): HouseRulePlan {
  const said = (value: unknown): string => shortened(withoutCredentials(String(value).slice(0, 2 * LONGEST_TEXT)));
  return {
    id: String(id),
    severity: severity as Severity,
    ...(what === undefined ? {} : { what: said(what) }),
    ...(why === undefined ? {} : { why: said(why) }),
    fix: said(fix),
    scopes: [call.path],
    locate: call.locate,
    ask: (bottle: BottleView): unknown => Reflect.apply(check as () => unknown, call.given, [bottle]),
  };
}

/** Every rule that is well-formed, once, with all the scopes that it was added to. */
export function lowerHouseRules(site: HouseSite, calls: readonly DeclaredHouseCall[]): readonly HouseRulePlan[] {
  const added = new Map<unknown, { readonly plan: HouseRulePlan | undefined; readonly scopes: Set<string> }>();
  const byId = new Map<string, HouseRulePlan>();

  const planOf = (call: DeclaredHouseCall): HouseRulePlan | undefined => {
    const fields = readFields(call.given);
    const problems = typeof fields === 'string' ? [fields] : problemsOf(fields);
    for (const problem of problems) site.report(HOUSE_FINDINGS.invalid, call, problem, FIX);
    if (typeof fields === 'string' || problems.length > 0) return undefined;
    const plan = rulePlan(call, fields);
    const other = byId.get(plan.id);
    if (other === undefined) {
      byId.set(plan.id, plan);
      return plan;
    }
    const first = other.locate();
    const where = first === undefined ? '' : `, the first added at ${first.file}:${first.line}`;
    const message = `two rules have the id ${quoted(plan.id)}${where}; allowed: one rule, at as many scopes as you like`;
    site.report(HOUSE_FINDINGS.invalid, call, message, 'add the same object again, or give each an id of its own');
    return undefined;
  };

  for (const call of calls) {
    if (site.isInsideBottle(call.path)) {
      const message = 'a rule was added inside a bottle; allowed: the bottle, or what it is in';
      site.report(HOUSE_FINDINGS.invalid, call, message, 'add it to the bottle: a rule sees bottles as a whole');
      continue;
    }
    const known = added.get(call.given);
    if (known === undefined) added.set(call.given, { plan: planOf(call), scopes: new Set([call.path]) });
    else known.scopes.add(call.path);
  }
  return [...added.values()].flatMap(({ plan, scopes }) =>
    plan === undefined ? [] : [{ ...plan, scopes: [...scopes] }],
  );
}
