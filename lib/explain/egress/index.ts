export { canonicalName } from './canonical.ts';
export { judge, judgeConnect } from './decisions.ts';
export { type EgressPolicy, type EgressRoute, egressPolicy, MAGIC_HOST, PolicyError, parseRoutes } from './policy.ts';
export type { Circumstances, EgressRequest, EgressVerdict, Header } from './verdict.ts';
