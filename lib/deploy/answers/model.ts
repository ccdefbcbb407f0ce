/** Answers for the variables that a definition asks for. */

import type { AnswerNeed } from '../../assembly/manifest.ts';
import { answerSlotName, type EnvOwner } from '../../plan/index.ts';

export type { AnswerNeed };

/** Answers by the name of the variable that carries each to compose; in memory alone, and in environments. */
export type Answers = Readonly<Record<string, string>>;

/** A variable of a bottle that is asked for. */
export interface Question extends AnswerNeed {
  /** The bottle. */
  readonly slug: string;
}

/** `--answer`: the host variable `from` holds the answer of every question that the rest fits. */
export interface AnswerSource {
  readonly slug?: string;
  readonly owner?: EnvOwner;
  readonly name: string;
  readonly from: string;
}

export const slotOf = ({ owner, name }: Pick<AnswerNeed, 'owner' | 'name'>): string => answerSlotName(owner, name);

/** `agent variable X of bottle demo` */
export const shownQuestion = ({ slug, owner, name }: Omit<Question, 'question'>): string =>
  `${owner} variable ${name} of bottle ${slug}`;

/** Longer ones do not pass an environment on every system. */
const LONGEST = 32_768;

/** What is wrong with an answer, in words that follow what it is called, or undefined. Never says the answer. */
export function answerProblem(answer: string): string | undefined {
  if (answer.trim() === '') return 'is empty';
  if (/[\0\r\n]/.test(answer)) return 'holds a line break or a NUL; allowed: one line';
  return answer.length > LONGEST ? `is longer than ${LONGEST} characters` : undefined;
}
