export { checkPlans } from './check-plans.ts';
export { RULES } from './registry.ts';
export type { Breach, Rule } from './rule.ts';
