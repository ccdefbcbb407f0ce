/** Variables that are asked for at deploy. */

import { type BottlePlan, credentialIn, type EnvPlan, isCredentialName, printableLine, quoted } from '../plan/index.ts';
import { type DeclaredVariable, declaredIn, variableBreach } from './env.ts';
import type { Rule } from './rule.ts';

type Asked = DeclaredVariable & { readonly variable: Extract<EnvPlan, { readonly kind: 'ask' }> };

const askedIn = (bottle: BottlePlan): readonly Asked[] =>
  declaredIn(bottle).flatMap((declared) => {
    const { variable } = declared;
    return variable.kind === 'ask' ? [{ ...declared, variable }] : [];
  });

/** It is shown on one line or two of a terminal. */
const QUESTION_MAX = 200;

/** What is wrong with a question, in words that follow it, or undefined. */
function questionProblem(question: string): string | undefined {
  if (question.trim() === '') return 'is empty';
  if (question.length > QUESTION_MAX) return `has ${question.length} characters`;
  if (printableLine(question) !== question || question.includes('\t'))
    return 'holds a control character or one that cannot be seen';
  const credential = credentialIn(question);
  return credential === undefined ? undefined : `looks like ${credential}`;
}

export const QUESTION_RULES: readonly Rule[] = [
  {
    id: 'bottles::env-question',
    severity: 'error',
    what: 'a question that nobody can read, that hides something, or that holds a credential',
    why: 'a person decides by it what the container gets; and it is in the output, which is meant to be read and committed',
    fix: 'write one line that says what is wanted and what for',
    *check(bottle) {
      for (const declared of askedIn(bottle)) {
        const { variable, service } = declared;
        const problem = questionProblem(variable.question);
        if (problem === undefined) continue;
        yield variableBreach(
          declared,
          `the question for variable ${quoted(variable.name)} of ${service} ${problem}; allowed: one line of 1 to ${QUESTION_MAX} characters that can be seen, and no credential`,
        );
      }
    },
  },
  {
    id: 'bottles::env-credential-asked',
    severity: 'warning',
    what: 'a variable that is asked for, and that by its name or its question is a credential',
    why: 'whatever the agent holds it can send to any host that it may reach',
    fix: 'if a route can inject it, use `auth` of the route instead',
    *check(bottle) {
      for (const declared of askedIn(bottle)) {
        const { variable, service } = declared;
        const words = [variable.name, ...variable.question.split(/[^\p{L}\p{N}_-]+/u)];
        const word = words.find(isCredentialName);
        if (word === undefined) continue;
        yield variableBreach(
          declared,
          `${service} gets the answer for variable ${quoted(variable.name)}, and the word ${quoted(word)} says that it is a credential`,
        );
      }
    },
  },
];
