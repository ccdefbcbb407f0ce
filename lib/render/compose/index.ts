export { DEFAULT_AGENT_IMAGE } from './agent.ts';
export { composeDocument, composeDocuments, renderCompose } from './document.ts';
export { DEFAULT_SIDECAR_IMAGE } from './sidecars.ts';
