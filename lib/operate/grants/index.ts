export { type Policy, type PolicyTexts, parsePolicy } from './declared.ts';
export { type Difference, difference, openLines, policyDiff } from './difference.ts';
export { changedGrants, type Stamp } from './grant-changes.ts';
export { GRANTS_FILE, grantsText, parseGrants, readGrants } from './grants-file.ts';
export { grantProblem } from './host.ts';
export { isExpired, type LivePolicy, slotOf, type Tokens, withGrants } from './live-policy.ts';
export * from './model.ts';
export { type DroppedGrant, type Regranted, regrant } from './regrant.ts';
export { needsRestart, policySteps, type Step } from './steps.ts';
