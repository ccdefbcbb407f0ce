export * from './bottle-plan.ts';
export * from './config-files.ts';
export * from './daemons.ts';
export * from './finding.ts';
export * from './git-url.ts';
export * from './names.ts';
export * from './paths.ts';
