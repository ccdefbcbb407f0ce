export { agentEnvironment } from './environment.ts';
export { renderAgentFiles } from './files.ts';
export { type Guarded, guardedList } from './workspace-guard.ts';
