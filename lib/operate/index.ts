export * from './containers.ts';
export * from './daemon-log.ts';
export * from './docker/index.ts';
export * from './health.ts';
export * from './resources.ts';
export * from './state/index.ts';
export * from './workspace.ts';
