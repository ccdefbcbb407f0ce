export { isWorkspacePlaced, placeWorkspace } from './place.ts';
export { judgeWorkspace, protectedMounts, type ReadyWorkspace } from './ready.ts';
export { SNAPSHOT_DIRECTORY } from './snapshot.ts';
