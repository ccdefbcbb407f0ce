export { applyChanges } from './apply-changes.ts';
export type { Applied, ApplyOptions, ChangeRecord, LiveBottle, PolicyDigests, Preview } from './contract.ts';
export { openLiveBottle, type StoredBottle, storedBottle } from './live-bottle.ts';
export { operatorName } from './operator.ts';
export { previewChanges } from './plan-change.ts';
export { DECLARED_DIR, declaredPolicy, digestsOf, LIVE_FILE, livePolicy } from './policy-files.ts';
export { settle, unsettledChange } from './settle.ts';
