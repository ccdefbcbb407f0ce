export { hostVariableValues } from './host-variables.ts';
export { type PreflightOptions, preflight, type ReadyBottle } from './preflight.ts';
export { type Skill, skillDigests } from './skills.ts';
