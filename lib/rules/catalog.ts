import { DOCUMENT_RULES } from './documents/registry.ts';
import { HOUSE_RULE_TEXTS } from './house/texts.ts';
import { PLAN_RULE_FAMILIES } from './registry.ts';
import type { RuleText } from './rule.ts';
import { SHAPE_RULE_TEXTS } from './shape-rules.ts';

export interface CatalogFamily {
  readonly title: string;
  readonly rules: readonly RuleText[];
}

/** Everything of ours that a finding can come from, by family: each has a page, `rulePage` says where. */
export const RULE_CATALOG: readonly CatalogFamily[] = [
  { title: 'The shape of a definition', rules: SHAPE_RULE_TEXTS },
  ...PLAN_RULE_FAMILIES,
  { title: 'Rendered documents', rules: DOCUMENT_RULES },
  { title: 'Rules of the house and acknowledgements', rules: HOUSE_RULE_TEXTS },
];
