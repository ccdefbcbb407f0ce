export { type Lowered, lowerApp, slugOf } from './app.ts';
export { CI_DEFINITIONS } from './git-gate.ts';
export { lowerHouse } from './house.ts';
export { SHAPE_RULES, type ShapeRule } from './site.ts';
