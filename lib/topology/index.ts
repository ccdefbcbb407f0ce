export * from './model.ts';
export { INTERNET, NEIGHBOURS, type Reach, reach } from './reach.ts';
export { topologyOf } from './topology.ts';
