/** One proposal as an operator has to see it before deciding: what it would open, what not, and what to look at twice. */

import type { Proposal } from '../../../images/sidecars/supervise/proposal.ts';
import { BottleError } from '../../errors.ts';
import { type Preview, previewChanges, type StoredBottle } from '../apply/index.ts';
import { policyOf } from './answer.ts';
import { hostWarnings } from './host-warnings.ts';
import { type Decision, decide, type ReachProposal, type Terms } from './terms.ts';
import { askText, hostOf, staysClosed } from './words.ts';

export interface ProposalView {
  readonly id: string;
  readonly slug: string;
  readonly tool: Proposal['tool'];
  /** Canonical; absent for capabilities. */
  readonly host?: string;
  /** In words. */
  readonly asks: string;
  /** The agent's own words. */
  readonly justification: string;
  /** As asked for; needs `--credential`. */
  readonly credential?: string;
  readonly created: string;
  readonly expires: string;
  readonly warnings: readonly string[];
  /** What an approval as asked would do; absent where it would do nothing to the policy, or could not. */
  readonly preview?: Preview;
  readonly staysClosed: readonly string[];
  /** Why it cannot be approved as it is, and what else could be done. */
  readonly obstacle?: string;
  /** The agent's text of a Dockerfile. */
  readonly dockerfile?: string;
}

export const isReach = (proposal: Proposal): proposal is ReachProposal => proposal.tool !== 'capability-block';

/** The credential that `proposal` asks for. */
export const askedCredential = (proposal: Proposal): string | undefined =>
  proposal.tool === 'egress-block' ? proposal.arguments.auth?.tokenFrom : undefined;

/** What `decision` would do to `bottle`. */
export const previewOf = (bottle: StoredBottle, { change }: Decision): Preview => previewChanges(bottle, [change]);

const CAPABILITY_WARNINGS = [
  'packages run install scripts of their authors as root in the build, on this machine’s builder and its network, not in the bottle',
  'look at each name: a package with a name much like a well-known one may be somebody else’s',
];

function reachView(bottle: StoredBottle, proposal: ReachProposal): Partial<ProposalView> {
  const host = hostOf(proposal) ?? '';
  const credential = askedCredential(proposal);
  const terms: Terms = credential === undefined ? {} : { credential };
  const common = { host, ...(credential === undefined ? {} : { credential }) };
  let warnings = hostWarnings(host, []);
  try {
    const policy = policyOf(bottle);
    const known = [...(policy.routes?.routes.map((route) => route.host) ?? []), ...policy.pipelock.api_allowlist];
    warnings = hostWarnings(host, known);
    const decision = decide(proposal, terms, policy, true);
    const preview = previewOf(bottle, decision);
    return { ...common, warnings, preview, staysClosed: staysClosed(decision.change, policy.routes !== undefined) };
  } catch (error) {
    // One proposal or policy that is no good must not hide the others.
    if (!(error instanceof BottleError)) throw error;
    return {
      ...common,
      warnings,
      obstacle: [error.message, ...(error.fix === undefined ? [] : [error.fix])].join('; '),
    };
  }
}

function capabilityView(proposal: Extract<Proposal, { tool: 'capability-block' }>): Partial<ProposalView> {
  const { dockerfile } = proposal.arguments;
  if (dockerfile === undefined) return { warnings: CAPABILITY_WARNINGS };
  return {
    dockerfile,
    obstacle:
      'a proposed Dockerfile is never built by itself; save it with --save-dockerfile FILE, read it, then --approve --dockerfile FILE',
  };
}

export function proposalView(bottle: StoredBottle, proposal: Proposal): ProposalView {
  const { id, slug, tool, created, expires } = proposal;
  return {
    id,
    slug,
    tool,
    asks: askText(proposal),
    justification: proposal.arguments.justification,
    created,
    expires,
    warnings: [],
    staysClosed: [],
    ...(isReach(proposal) ? reachView(bottle, proposal) : capabilityView(proposal)),
  };
}
