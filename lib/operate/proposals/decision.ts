/** A decision on a proposal, judged against what the bottle has open already. */

import { livePolicy, type StoredBottle } from '../apply/index.ts';
import { parsePolicy } from '../grants/index.ts';
import { assertCredentialNamed, carriedCredential } from './merged.ts';
import { type Decision, decide, type ReachProposal, type Terms } from './terms.ts';

/** The policy that `bottle` runs now, which a proposal is judged against. */
export const policyOf = ({ stateDir }: Pick<StoredBottle, 'stateDir'>) => parsePolicy(livePolicy(stateDir));

/**
 * The credential that goes with what `proposal` opens on `terms` though nobody attaches it: its host, declared or
 * granted, has it.
 */
export function carriedBy(bottle: StoredBottle, proposal: ReachProposal, terms: Terms): string | undefined {
  const { credential: _credential, scheme: _scheme, header: _header, user: _user, ...bare } = terms;
  return carriedCredential(bottle, decide(proposal, bare, policyOf(bottle), false).change);
}

/** {@link decide} on `bottle` as it is; throws unless each credential that would be sent anew is named. */
export function decideOn(bottle: StoredBottle, proposal: ReachProposal, terms: Terms, exactly: boolean): Decision {
  const carried = carriedBy(bottle, proposal, terms);
  const decision = decide(proposal, terms, policyOf(bottle), exactly, carried);
  assertCredentialNamed(bottle, decision.change, decision.credential);
  return decision;
}
