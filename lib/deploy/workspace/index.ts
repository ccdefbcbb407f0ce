export { isWorkspacePlaced, placeWorkspace } from './place.ts';
export { judgeWorkspace, protectedMounts, type ReadyWorkspace } from './ready.ts';
