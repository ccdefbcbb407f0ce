export { agentEnvironment } from './environment.ts';
export { renderAgentFiles } from './files.ts';
