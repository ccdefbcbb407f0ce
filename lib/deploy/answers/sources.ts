/** Which `--answer` gives which answer. */

import { isDeepStrictEqual } from 'node:util';
import { BottleError } from '../../errors.ts';
import { quoted } from '../../plan/index.ts';
import type { Environment } from '../options.ts';
import { type AnswerSource, type Answers, answerProblem, type Question, shownQuestion, slotOf } from './model.ts';

/** As it is typed, without the host variable: that could be a value by mistake. */
const spelled = ({ slug, owner, name }: AnswerSource): string => [slug, owner, name].filter(Boolean).join('.');

const fits = (source: AnswerSource, question: Question): boolean =>
  source.name === question.name &&
  (source.owner ?? question.owner) === question.owner &&
  (source.slug ?? question.slug) === question.slug;

/** How much of a place a source names: who says more is meant. */
const exactness = ({ slug, owner }: AnswerSource): number =>
  Number(slug !== undefined) * 2 + Number(owner !== undefined);

/** The source that is meant for `question`. */
const sourceOf = (sources: readonly AnswerSource[], question: Question): AnswerSource | undefined =>
  sources.filter((source) => fits(source, question)).sort((a, b) => exactness(b) - exactness(a))[0];

/** Every way to name `question`, the shortest first. */
const names = ({ slug, owner, name }: Question): readonly string[] => [
  name,
  `${owner}.${name}`,
  `${slug}.${owner}.${name}`,
];

/** The shortest name of `question` that fits no other question of `all`. */
export function flagFor(question: Question, all: readonly Question[]): string {
  const own = names(question).at(-1);
  const others = all.filter((other) => names(other).at(-1) !== own).flatMap(names);
  const shortest = names(question).find((name) => !others.includes(name)) ?? own ?? question.name;
  return `--answer ${shortest}=HOST_VARIABLE`;
}

const usage = (message: string, fix: string): BottleError =>
  new BottleError('usage/answer', message, { fix, exitCode: 2 });

/** What is wrong with the sources themselves. Throws the first: nothing else is worth judging then. */
export function assertSources(sources: readonly AnswerSource[], questions: readonly Question[]): void {
  for (const [index, source] of sources.entries()) {
    const same = sources
      .slice(0, index)
      .find((other) => isDeepStrictEqual({ ...other, from: '' }, { ...source, from: '' }));
    if (same !== undefined) throw usage(`--answer ${spelled(source)} is given twice`, 'give it once');
    const fitting = questions.filter((question) => fits(source, question));
    if (fitting.length === 0) {
      const known = questions.map((question) => names(question)[1]).filter((name, at, all) => all.indexOf(name) === at);
      throw usage(
        `nothing asks for ${quoted(spelled(source))}`,
        known.length === 0 ? 'leave --answer out: nothing is asked for' : `what is asked for: ${known.join(', ')}`,
      );
    }
    const used = fitting.filter((question) => sourceOf(sources, question) === source);
    const [first] = used;
    const other = used.find(({ question }) => question !== first?.question);
    if (first !== undefined && other !== undefined) {
      throw usage(
        `--answer ${spelled(source)} is asked for with different questions: ${shownQuestion(first)} and ${shownQuestion(other)}`,
        `name them apart: ${[first, other].map((one) => flagFor(one, questions)).join(', ')}`,
      );
    }
  }
}

/** The answers that `sources` have in `env` for `questions`, by slot, and what is wrong with them. */
export function givenAnswers(
  questions: readonly Question[],
  sources: readonly AnswerSource[],
  env: Environment,
): { readonly answers: Answers; readonly problems: readonly BottleError[] } {
  const answers: Record<string, string> = {};
  const problems: BottleError[] = [];
  for (const question of questions) {
    const source = sourceOf(sources, question);
    if (source === undefined) continue;
    const value = env[source.from];
    const problem = value === undefined ? 'is not set' : answerProblem(value);
    if (value !== undefined && problem === undefined) {
      answers[slotOf(question)] = value;
      continue;
    }
    // Not its name: it may be the answer itself, typed by mistake.
    const message = `the host variable that --answer ${spelled(source)} names ${problem}; needed by ${shownQuestion(question)}`;
    problems.push(
      new BottleError('deploy/answer-unusable', message, {
        fix: 'export the answer under a name of your choice, and give --answer that name, never the answer itself',
      }),
    );
  }
  return { answers, problems };
}
