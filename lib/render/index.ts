export { renderBottle, renderedBottle } from './bottle.ts';
export { renderRoutes } from './egress.ts';
export { renderGitGate } from './git-gate.ts';
export { renderPipelock } from './pipelock.ts';
export { renderSupervise } from './supervise.ts';
export { jsonText, yamlText } from './yaml.ts';
