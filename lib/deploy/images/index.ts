export { type AgentFacts, agentFacts } from './agent-facts.ts';
export { type AgentImage, type AgentImageOptions, ensureAgentImage } from './agent-image.ts';
export { type BuildBasesOptions, buildBases } from './build-bases.ts';
export { askedScanner } from './choose-scanner.ts';
export { LOCK_FILE, type Lock, readLock, type Scanner, writeLock } from './lock.ts';
export { missingBases } from './missing-bases.ts';
export { ensureSidecarImage, type SidecarImage, type SidecarImageOptions } from './sidecar-image.ts';
export {
  assertScanner,
  buildUserImage,
  type ReferenceImage,
  resolveReference,
  type UserImage,
  type UserImageOptions,
} from './user-image.ts';
