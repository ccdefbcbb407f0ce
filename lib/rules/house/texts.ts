/** What is reported about rules of the house and acknowledgements themselves, explained as the rules explain themselves. */

import { HOUSE_FINDINGS } from '../../plan/index.ts';
import type { RuleText } from '../rule.ts';

export const HOUSE_RULE_TEXTS: readonly RuleText[] = [
  {
    id: HOUSE_FINDINGS.invalid,
    severity: 'error',
    what: 'a rule of the house that is malformed, has an id that is taken, or was added inside a bottle',
    why: 'a rule that cannot be asked protects nothing, and an id that two share can be acknowledged for the wrong one',
    fix: 'give `id`, `severity`, `fix` and a `check` that answers at once; keep the namespace `bottles` to this package',
  },
  {
    id: HOUSE_FINDINGS.failed,
    severity: 'error',
    what: 'a rule of the house that throws, answers later, or gives something else than breaches',
    why: 'what it was to refuse may be there',
    fix: 'mend the rule: `check` returns a list of breaches, each with a message, and changes nothing that it is given',
  },
  {
    id: HOUSE_FINDINGS.unknown,
    severity: 'error',
    what: 'an acknowledgement of an id that no rule has',
    why: 'a misspelled acknowledgement would look like one',
    fix: 'write the id as the finding shows it',
  },
  {
    id: HOUSE_FINDINGS.ofError,
    severity: 'error',
    what: 'an acknowledgement of an error',
    why: 'errors are what breaks containment, or what the house does not allow',
    fix: 'mend what the rule reports; a house that wants exceptions makes its rule a warning and uses --strict',
  },
  {
    id: HOUSE_FINDINGS.reason,
    severity: 'error',
    what: 'an acknowledgement whose reason is too short, too long, or holds a credential',
    why: 'the reason is what a reader of the report has to judge by, and the report is meant to be passed on',
    fix: 'say in a sentence why the warning may stay',
  },
  {
    id: HOUSE_FINDINGS.unused,
    severity: 'warning',
    what: 'an acknowledgement that nothing needs',
    why: 'it would silently cover what comes later',
    fix: 'remove it, or narrow it to where the warning is',
  },
];
