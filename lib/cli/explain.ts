/** `bottle explain`: the verdict on a request or a push of the agent, without asking anything that runs. */

import { type Explanation, explainGit, explainRequest } from '../explain/index.ts';
import { deployedPolicy, policyOfDefinition } from './explain-policy.ts';
import { type ExplainFlags, questionOf } from './explain-question.ts';
import { explanationText } from './explain-text.ts';
import type { Messages } from './messages.ts';

/** Prints the explanation of the question in `words`; its verdict. */
export async function explain(
  directory: string,
  slug: string,
  words: readonly string[],
  messages: Messages,
  flags: ExplainFlags,
): Promise<Explanation['verdict']> {
  const question = questionOf(slug, words, flags);
  const policy =
    flags.deployed === true
      ? deployedPolicy(slug, messages)
      : await policyOfDefinition(directory, slug, messages, flags);
  const now = Date.now();
  const explanation =
    question.kind === 'git' ? await explainGit(policy, question, now) : await explainRequest(policy, question, now);
  messages.result(explanation, explanationText(explanation));
  return explanation.verdict;
}
