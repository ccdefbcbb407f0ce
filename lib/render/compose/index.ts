export { DEFAULT_AGENT_IMAGE } from './agent.ts';
export { composeDocument, renderCompose } from './document.ts';
export { DEFAULT_SIDECAR_IMAGE } from './sidecars.ts';
