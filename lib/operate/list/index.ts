export { type BottleState, bottleState, isUp, upSince } from './bottle-state.ts';
export type { SkillDigest } from './changed-inputs.ts';
export {
  assertSlug,
  type DeployedBottle,
  deployedBottle,
  deployedBottles,
  ownerOf,
  recordedBottles,
  servicesOf,
} from './deployed-bottles.ts';
export { type ListedBottle, listedBottles } from './listed.ts';
