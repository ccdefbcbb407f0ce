import type { IConstruct } from 'constructs';
import type { Locate, UnenforcedCall } from '../lib/plan/index.ts';
import { definitionSite } from './definition-site.ts';

const METADATA = 'claude-bottle:unenforced';

/** Notes on `construct` that `what` was called, which this version does not enforce; synth reports it as an error. */
export function refuse(construct: IConstruct, what: string): void {
  construct.node.addMetadata(METADATA, { what, locate: definitionSite() });
}

/** What was noted on `construct`. */
export function unenforcedOf(construct: IConstruct): readonly UnenforcedCall[] {
  return construct.node.metadata
    .filter(({ type }) => type === METADATA)
    .map(({ data }) => ({ path: construct.node.path, ...(data as { what: string; locate: Locate }) }));
}
