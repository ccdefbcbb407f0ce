export { assertOpen, findProposal, SHORT_ID, shortId, verdictText } from './find.ts';
export { hostWarnings } from './host-warnings.ts';
export { type Answer, NOTES_MAX, publishAnswer } from './publish.ts';
export { type AnsweredProposal, type QueueState, queueDirectory, readQueue, type Skipped } from './queue.ts';
export { askedChange, type Decision, decide, type ReachProposal, type Terms } from './terms.ts';
export { askText, duration, hostOf, staysClosed } from './words.ts';
