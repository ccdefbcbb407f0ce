export { type CatalogFamily, RULE_CATALOG } from './catalog.ts';
export { checkDocuments } from './check-documents.ts';
export { checkPlans } from './check-plans.ts';
export type { DocumentBreach, DocumentRule } from './document-rule.ts';
export { DOCUMENT_RULES } from './documents/registry.ts';
export { RULES } from './registry.ts';
export type { Breach, Rule, RuleText } from './rule.ts';
export { rulePage } from './rule-page.ts';
