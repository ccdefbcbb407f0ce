import { type Finding, type Locate, locatedFinding, type RenderedBottle } from '../plan/index.ts';
import type { DocumentBreach, DocumentRule } from './document-rule.ts';
import { DOCUMENT_RULES } from './documents/registry.ts';
import { locateAt } from './locate-at.ts';
import { partAt } from './part-at.ts';

/**
 * Every breach of every rule in the rendered documents of one bottle. `locations` are the places of the plan's parts in
 * the definition; what an override brought is found at the line of the override.
 */
export function checkDocuments(bottle: RenderedBottle, locations: ReadonlyMap<object, Locate>): Finding[] {
  const finding = (rule: DocumentRule, { pointer, message, fix = rule.fix, part }: DocumentBreach): Finding => {
    const { path } = partAt(bottle, pointer);
    const artifact = `${bottle.plan.slug}/compose.yaml`;
    const said = { rule: rule.id, severity: rule.severity, path, message, fix, artifact, pointer };
    return locatedFinding(said, (part === undefined ? locateAt(bottle, pointer, locations) : locations.get(part))?.());
  };
  return DOCUMENT_RULES.flatMap((rule) => [...rule.check(bottle)].map((breach) => finding(rule, breach)));
}
