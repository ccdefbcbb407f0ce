import { AGENT_SERVICE, type Finding, type Locate, locatedFinding, type RenderedBottle } from '../plan/index.ts';
import type { DocumentBreach, DocumentRule } from './document-rule.ts';
import { DOCUMENT_RULES } from './documents/registry.ts';

const SERVICE = /^\/services\/([^/]+)/;

/** The part of the plan that a place in the document comes from. */
function partAt({ plan }: RenderedBottle, pointer: string): { readonly path: string } {
  const service = SERVICE.exec(pointer)?.[1];
  if (service === undefined) return plan;
  return service === AGENT_SERVICE ? plan.agent : plan.sidecars;
}

/**
 * Every breach of every rule in the rendered documents of one bottle. `locations` are the places of the plan's parts in
 * the definition.
 */
export function checkDocuments(bottle: RenderedBottle, locations: ReadonlyMap<object, Locate>): Finding[] {
  const finding = (rule: DocumentRule, { pointer, message, fix = rule.fix }: DocumentBreach): Finding => {
    const part = partAt(bottle, pointer);
    const artifact = `${bottle.plan.slug}/compose.yaml`;
    const said = { rule: rule.id, severity: rule.severity, path: part.path, message, fix, artifact, pointer };
    return locatedFinding(said, locations.get(part)?.());
  };
  return DOCUMENT_RULES.flatMap((rule) => [...rule.check(bottle)].map((breach) => finding(rule, breach)));
}
