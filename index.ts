export * from './constructs/index.ts';
export { type Assembly, SynthError } from './lib/assembly/index.ts';
export type { Finding } from './lib/plan/index.ts';
