export * from './deployed.ts';
export * from './directory.ts';
export * from './lock.ts';
