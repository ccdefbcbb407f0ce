/** What is to be asked, and who answers. */

import { BottleError } from '../../errors.ts';
import { type Docker, interrupted, type Redact, redactor } from '../../operate/index.ts';
import { quoted } from '../../plan/index.ts';
import type { Environment } from '../options.ts';
import type { ReadyBottle } from '../preflight/index.ts';
import { heldAnswers } from './held.ts';
import { type AnswerSource, type Answers, answerProblem, type Question, shownQuestion, slotOf } from './model.ts';
import { assertSources, flagFor, givenAnswers } from './sources.ts';

/** Asks a person for an answer that nobody sees; rejects if none is given. */
export type Ask = (question: Question, signal?: AbortSignal) => Promise<string>;

export interface AnswerOptions {
  readonly sources: readonly AnswerSource[];
  /** Asks for what the bottle that runs has an answer for, too. */
  readonly again: boolean;
  /** Nobody is asked, and nothing needs an answer. */
  readonly dryRun: boolean;
  readonly ask: Ask | undefined;
  readonly env: Environment;
}

const questionsOf = ({ bottle: { slug, manifest } }: Pick<ReadyBottle, 'bottle'>): readonly Question[] =>
  manifest.requires.answers.map((need) => ({ slug, ...need }));

/** Stands for an answer that is not known where compose only compares; it makes every comparison fail. */
const UNKNOWN = 'unknown';

/** `ready` with the answers that are known, and the questions that are left. */
async function withKnown(
  docker: Docker,
  ready: ReadyBottle,
  { again, sources, env }: AnswerOptions,
): Promise<{ readonly ready: ReadyBottle; readonly problems: readonly BottleError[] }> {
  const before = ready.previous?.answers ?? [];
  const held = await heldAnswers(docker, ready.owner, ready.previous);
  const questions = questionsOf(ready);
  const { answers: given, problems } = givenAnswers(questions, sources, env);
  const kept = questions.filter(
    ({ owner, name, question }) =>
      !again && before.some((one) => one.owner === owner && one.name === name && one.question === question),
  );
  const known: Answers = {
    ...Object.fromEntries(
      kept.flatMap((question) => {
        const value = held[slotOf(question)];
        return value === undefined ? [] : [[slotOf(question), value]];
      }),
    ),
    ...given,
  };
  const pending = problems.length > 0 ? [] : questions.filter((question) => known[slotOf(question)] === undefined);
  const unknown = Object.fromEntries(before.map((need) => [slotOf(need), UNKNOWN]));
  return { ready: { ...ready, held, pending, values: { ...unknown, ...held, ...ready.values, ...known } }, problems };
}

/** Finds the answers that need no person. What is missing, where nobody can be asked, is a problem. */
export async function withAnswers(
  docker: Docker,
  all: readonly ReadyBottle[],
  options: AnswerOptions,
): Promise<{ readonly ready: readonly ReadyBottle[]; readonly problems: readonly BottleError[] }> {
  const questions = all.flatMap(questionsOf);
  assertSources(options.sources, questions);
  const found = await Promise.all(all.map((one) => withKnown(docker, one, options)));
  const ready = found.map((one) => one.ready);
  const problems = found.flatMap((one) => one.problems);
  if (options.dryRun || options.ask !== undefined) return { ready, problems };
  const unanswered = ready.flatMap(({ pending }) =>
    pending.map((question) => {
      const message = `the ${shownQuestion(question)} is asked for (${quoted(question.question)}), and nobody is there to answer`;
      return new BottleError('deploy/answer-missing', message, {
        fix: `export the answer, and name the variable: ${flagFor(question, questions)}`,
      });
    }),
  );
  return { ready, problems: [...problems, ...unanswered] };
}

/** Asks for what is left, one question after the other. */
export async function askPending(
  all: readonly ReadyBottle[],
  ask: Ask | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly ReadyBottle[]> {
  const answered: ReadyBottle[] = [];
  for (const ready of all) {
    const answers: Record<string, string> = {};
    for (const question of ready.pending) {
      if (signal?.aborted === true) throw interrupted();
      if (ask === undefined) throw new Error(`nobody is there to answer for the ${shownQuestion(question)}`);
      const answer = await ask(question, signal);
      const problem = answerProblem(answer);
      if (problem !== undefined) {
        throw new BottleError('deploy/answer-unusable', `the answer for the ${shownQuestion(question)} ${problem}`, {
          fix: 'run the deploy again',
        });
      }
      answers[slotOf(question)] = answer;
    }
    answered.push({ ...ready, values: { ...ready.values, ...answers } });
  }
  return answered;
}

/** Keeps the answers of a bottle, those that it ran with and those that it is to run with, out of text. */
export function answerRedactor(ready: ReadyBottle): Redact {
  const slots = questionsOf(ready).map(slotOf);
  const old = redactor(ready.held, Object.keys(ready.held));
  const now = redactor(ready.values, slots);
  return (text) => now(old(text));
}
