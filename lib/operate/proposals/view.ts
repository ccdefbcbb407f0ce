/** One proposal as an operator has to see it before deciding: what it would open, what not, and what to look at twice. */

import type { Proposal } from '../../../images/sidecars/supervise/proposal.ts';
import { BottleError } from '../../errors.ts';
import { type Preview, previewChanges, type StoredBottle } from '../apply/index.ts';
import { carriedBy, decideOn, policyOf } from './decision.ts';
import { hostWarnings } from './host-warnings.ts';
import { mergedHost } from './merged.ts';
import type { Decision, ReachProposal } from './terms.ts';
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
  /** Asked for, or what the host has already and what is opened gets too; needs `--credential`. */
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

const carriedWarning = (name: string): string =>
  `this host already gets the credential ${name}; what is opened gets it too: --credential ${name}`;

function reachView(bottle: StoredBottle, proposal: ReachProposal): Partial<ProposalView> {
  const host = hostOf(proposal) ?? '';
  let credential = askedCredential(proposal);
  let warnings = hostWarnings(host, []);
  try {
    const policy = policyOf(bottle);
    const known = [...(policy.routes?.routes.map((route) => route.host) ?? []), ...policy.pipelock.api_allowlist];
    warnings = hostWarnings(host, known);
    const carried = carriedBy(bottle, proposal, {});
    if (carried !== undefined) warnings = [...warnings, carriedWarning(carried)];
    credential ??= carried;
    const decision = decideOn(bottle, proposal, credential === undefined ? {} : { credential }, true);
    return {
      host,
      ...(credential === undefined ? {} : { credential }),
      warnings,
      preview: previewOf(bottle, decision),
      staysClosed: staysClosed(mergedHost(bottle, decision.change)),
    };
  } catch (error) {
    // One proposal or policy that is no good must not hide the others.
    if (!(error instanceof BottleError)) throw error;
    return {
      host,
      ...(credential === undefined ? {} : { credential }),
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
