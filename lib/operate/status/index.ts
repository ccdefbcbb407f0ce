export { bottleStatus } from './bottle-status.ts';
export type { BottleStatus, ContainerStatus, DaemonStatus, GrantCount, ProposalCount } from './model.ts';
export type { PolicyStanding, PolicyStatus } from './policy.ts';
