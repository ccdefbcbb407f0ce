export { askedVariables } from './held.ts';
export { type AnswerSource, type Answers, answerProblem, type Question } from './model.ts';
export { type AnswerOptions, type Ask, answerRedactor, askPending, withAnswers } from './pending.ts';
