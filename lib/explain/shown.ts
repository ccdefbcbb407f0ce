/** What of an explanation repeats the question, without the credentials that were typed in it. */

import { withoutCredentials } from '../plan/secrets.ts';
import type { Explanation, Opening } from './types.ts';

const TAKEN_OUT =
  'a credential in a path reaches every log: [redacted] stands for it here; give the host a route with auth instead, which injects it';

function shownOpening({ code, command, advice, ...rest }: Opening): Opening {
  const shown = {
    ...(code === undefined ? {} : { code: withoutCredentials(code) }),
    ...(command === undefined ? {} : { command: withoutCredentials(command) }),
  };
  const isWhole = shown.code === code && shown.command === command;
  return { ...rest, ...shown, advice: [...advice.map(withoutCredentials), ...(isWhole ? [] : [TAKEN_OUT])] };
}

/** `explanation` as it may be printed: a URL is typed with what is in it, and what is printed is kept and passed on. */
export function shownExplanation(explanation: Explanation): Explanation {
  const { reason, notes, near, agentSees, opening } = explanation;
  return {
    ...explanation,
    reason: withoutCredentials(reason),
    notes: notes.map(withoutCredentials),
    near: near.map(withoutCredentials),
    ...(agentSees === undefined ? {} : { agentSees: { ...agentSees, body: withoutCredentials(agentSees.body) } }),
    ...(opening === undefined ? {} : { opening: shownOpening(opening) }),
  };
}
