/** What a deploy takes besides rendered files, and records. */

import type { DeployRequirements } from '../../assembly/index.ts';
import type { Deployed } from '../state/deployed.ts';

/** SHA-256 of a skill as it lies on this host now, as a deploy would record it; undefined: it cannot be copied. */
export type SkillDigest = (source: string) => string | undefined;

type Needs = Pick<DeployRequirements, 'answers' | 'skills'>;

const keyOf = ({ owner, name }: { readonly owner: string; readonly name: string }): string =>
  owner === 'agent' ? name : `${name} of the ${owner}`;

const differing = (now: ReadonlyMap<string, unknown>, then: ReadonlyMap<string, unknown>): readonly string[] =>
  [...new Set([...now.keys(), ...then.keys()])].filter((key) => now.get(key) !== then.get(key)).sort();

/** Names of the questions and skills that are others than at the last deploy, came since, or are gone. */
export function changedInputs(needs: Needs, record: Deployed, digestOf: SkillDigest): readonly string[] {
  const questions = differing(
    new Map(needs.answers.map((answer) => [keyOf(answer), answer.question])),
    new Map((record.answers ?? []).map((answer) => [keyOf(answer), answer.question])),
  );
  const skills = differing(
    new Map(needs.skills.map(({ name, source }) => [name, digestOf(source) ?? 'cannot be copied'])),
    new Map(Object.entries(record.skills ?? {})),
  );
  return [...questions.map((name) => `question ${name}`), ...skills.map((name) => `skill ${name}`)];
}
