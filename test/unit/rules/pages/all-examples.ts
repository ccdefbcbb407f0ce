import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleExample, RuleExamples } from '../examples/example.ts';

const FOLDER = join(import.meta.dirname, '../examples');

/** The examples of every file in `examples/`, by the id of their rule; one that is there twice is an error. */
export async function allExamples(): Promise<ReadonlyMap<string, RuleExample>> {
  const examples = new Map<string, RuleExample>();
  for (const file of readdirSync(FOLDER).sort()) {
    const families = Object.values((await import(join(FOLDER, file))) as Record<string, RuleExamples>);
    for (const [id, example] of families.flatMap((family) => Object.entries(family))) {
      if (examples.has(id)) throw new Error(`${id} has a second example in ${file}`);
      examples.set(id, example);
    }
  }
  return examples;
}
