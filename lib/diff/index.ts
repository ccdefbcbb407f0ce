export { diffBottle } from './bottle.ts';
export { unifiedDiff } from './files.ts';
export {
  type BottleDiff,
  type BottleDocuments,
  CHANGE_KINDS,
  type Change,
  type ChangeKind,
  type Consequences,
  type Effect,
  type FileChange,
} from './model.ts';
