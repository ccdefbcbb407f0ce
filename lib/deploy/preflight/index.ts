export { type PreflightOptions, preflight, type ReadyBottle } from './preflight.ts';
