/** Environment variables of the agent and of the bundle. */

import type { EnvPlan } from '../bottle-plan.ts';
import { asDeclaredValue, type DeclaredAddition } from '../declared.ts';
import { quoted, typeName } from '../shown.ts';
import { entriesOf, neededText } from './shape.ts';
import { SHAPE_RULES, type Site } from './site.ts';
import { sortedBy } from './sorted.ts';

function lowerVariable(site: Site, name: unknown, value: unknown): EnvPlan | undefined {
  const known = neededText(site, 'the name of a variable', name);
  if (known === undefined) return undefined;
  const what = `variable ${quoted(known)}`;
  if (typeof value === 'string') return site.declared({ kind: 'literal', name: known, value });
  const declared = asDeclaredValue(value);
  if (declared?.kind === 'EnvValue') {
    const there = site.at(declared.locate);
    if (declared.form === 'ask') {
      const question = neededText(there, `the question of ${what}`, declared.given['question']);
      return question === undefined ? undefined : there.declared({ kind: 'ask', name: known, question });
    }
    const from = neededText(there, `the host variable of ${what}`, declared.given['name']);
    return from === undefined ? undefined : there.declared({ kind: 'host', name: known, from });
  }
  // Never the value: it may be a secret.
  site.report(
    SHAPE_RULES.wrongType,
    `${what} is ${typeName(value)}; allowed: a text, EnvValue.fromHost('NAME') or EnvValue.ask('…?')`,
    "write the value as a text, EnvValue.fromHost('NAME') or EnvValue.ask('…?')",
  );
  return undefined;
}

export function lowerEnv(
  site: Site,
  props: unknown,
  added: readonly (DeclaredAddition & { readonly name: unknown })[] = [],
): readonly EnvPlan[] {
  const variables = [
    ...entriesOf(site, '`env`', props).map(([name, value]) => lowerVariable(site, name, value)),
    ...added.map(({ name, value, locate }) => lowerVariable(site.at(locate), name, value)),
  ].filter((variable) => variable !== undefined);
  const names = new Set<string>();
  for (const { name } of variables) {
    if (names.has(name)) {
      site.report(
        SHAPE_RULES.duplicateEnv,
        `variable ${quoted(name)} is declared more than once; allowed: one value for a variable`,
        'keep one of the declarations',
      );
    }
    names.add(name);
  }
  return sortedBy(variables, ({ name }) => name);
}
