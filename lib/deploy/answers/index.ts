export { askedVariables } from './held.ts';
export { type AnswerNeed, type AnswerSource, type Answers, answerProblem, type Question, slotOf } from './model.ts';
export { type AnswerOptions, type Ask, answerRedactor, askPending, withAnswers } from './pending.ts';
