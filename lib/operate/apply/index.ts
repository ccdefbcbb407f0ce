export type { Applied, ApplyOptions, ChangeRecord, LiveBottle, PolicyDigests, Preview } from './contract.ts';
