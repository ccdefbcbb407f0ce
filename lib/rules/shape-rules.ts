/** What lowering reports of the shape of a definition, explained as the rules explain themselves. */

import { SHAPE_RULES, type ShapeRule } from '../plan/lower/index.ts';
import type { RuleText } from './rule.ts';

const TEXTS: Readonly<Record<ShapeRule, Pick<RuleText, 'what' | 'why' | 'fix'>>> = {
  [SHAPE_RULES.unknownKey]: {
    what: 'a key that no prop or option has',
    why: 'a misspelled limit or filter would silently not be there',
    fix: 'write the key that was meant, or remove it',
  },
  [SHAPE_RULES.wrongType]: {
    what: 'a value of another type or kind than the one that belongs there, an empty `auth` among them',
    why: 'what is read as something else than it was meant protects something else',
    fix: 'give a value of the type that the message names; a type checker finds most of these while you write',
  },
  [SHAPE_RULES.missing]: {
    what: 'a name, URL, host key or identity file that is missing or empty, or an app without a bottle',
    why: 'there is no safe default for it',
    fix: 'give it',
  },
  [SHAPE_RULES.exactlyOne]: {
    what: 'a bottle without an agent or a sidecar bundle, or with two; a bundle with two of one daemon',
    why: 'one agent is contained by one bundle, and of two policies only one could hold',
    fix: 'declare exactly one, as a prop or as a child',
  },
  [SHAPE_RULES.misplaced]: {
    what: 'a construct where it has no meaning, e.g. an agent outside a bottle',
    why: 'it would be synthesized into nothing, and what it says would not hold',
    fix: 'declare it with the construct as scope that the message names',
  },
  [SHAPE_RULES.duplicateEnv]: {
    what: 'a variable that is declared twice',
    why: 'which of the two values holds would depend on their order',
    fix: 'keep one of the declarations',
  },
  [SHAPE_RULES.override]: {
    what: 'an override with a malformed path or operation, or with a value that is no plain data',
    why: 'it would change something else than it says, or nothing that a compose file can hold',
    fix: "write it as in addOverride('ulimits.nofile', 1024), with plain data as value",
  },
};

/** All are errors: a plan with one of them is not fit for rendering. */
export const SHAPE_RULE_TEXTS: readonly RuleText[] = Object.values(SHAPE_RULES).map((id) => ({
  id,
  severity: 'error',
  ...TEXTS[id],
}));
