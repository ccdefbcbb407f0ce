export { enterableAgent } from './agent-container.ts';
export { type EnterWhat, enterArguments } from './script.ts';
export { type Visit, visit } from './visit.ts';
