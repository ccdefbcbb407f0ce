export { ComposeTemplate } from './compose-template.ts';
export type { EnvironmentValue } from './environment.ts';
export { Findings } from './findings.ts';
export { Match } from './match.ts';
export { Matcher } from './matcher.ts';
