export type { Proposal } from '../../../images/sidecars/supervise/proposal.ts';
export { type Approved, approve, reject, type Verdict } from './answer.ts';
export {
  approveCapability,
  type CapabilityApproved,
  type CapabilityDecision,
  type CapabilityProposal,
  decideCapability,
} from './capability.ts';
export { decideOn } from './decision.ts';
export { assertOpen, findProposal, shortId } from './find.ts';
export { hostWarnings } from './host-warnings.ts';
export { type SupervisedBottle, supervisedBottle, supervisedSlugs } from './overview.ts';
export { type Answer, publishAnswer } from './publish.ts';
export { type AnsweredProposal, type QueueState, queueDirectory, readQueue, type Skipped } from './queue.ts';
export { type Decision, decide, type ReachProposal, type Terms } from './terms.ts';
export { askedCredential, isReach, type ProposalView, previewOf, proposalView } from './view.ts';
export { askText, duration, hostOf } from './words.ts';
