export { bottlePolicy, type PolicyDocuments } from './bottle-policy.ts';
export { explainGit } from './explain-git.ts';
export { explainRequest } from './explain-request.ts';
export { matchedRoute } from './matched-route.ts';
export { routeText } from './route-text.ts';
export { ruleText } from './rule-texts.ts';
export { headerOf } from './sent-request.ts';
export type {
  BottlePolicy,
  Declarations,
  Explanation,
  GitQuestion,
  GrantNote,
  MatchedRoute,
  Opening,
  RequestQuestion,
} from './types.ts';
