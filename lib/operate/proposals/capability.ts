/** A verdict on a capability-block: what is approved waits in the state directory for the next deploy. */

import type { Proposal } from '../../../images/sidecars/supervise/proposal.ts';
import { BottleError } from '../../errors.ts';
import type { StoredBottle } from '../apply/index.ts';
import {
  type Capabilities,
  DockerfileProblem,
  type Packages,
  parseDockerfile,
  readCapabilities,
  withPackages,
  writeCapabilities,
} from '../capabilities/index.ts';
import { onOpenProposal, type Verdict } from './answer.ts';
import { publishWithRecord } from './publish.ts';
import { askText } from './words.ts';

export type CapabilityProposal = Extract<Proposal, { tool: 'capability-block' }>;

/** What the operator approves: packages, or the text of a file that the operator named. */
export interface CapabilityTerms {
  readonly packages?: Packages;
  readonly dockerfile?: string;
}

export interface CapabilityDecision {
  readonly status: 'approved' | 'modified';
  readonly terms: CapabilityTerms;
}

const usage = (code: string, message: string, fix: string): BottleError =>
  new BottleError(code, message, { fix, exitCode: 2 });

function checked(dockerfile: string): string {
  try {
    parseDockerfile(dockerfile);
    return dockerfile;
  } catch (error) {
    if (!(error instanceof DockerfileProblem)) throw error;
    throw usage('supervise/dockerfile-refused', `the Dockerfile is refused: ${error.message}`, 'change the file');
  }
}

const plain = (text: string): string => text.replaceAll('\r\n', '\n').trim();

/**
 * What an approval of `proposal` means. A proposed Dockerfile is only text: what is built is the file that the operator
 * names, whose text is `dockerfile`. With `exactly`, as for `--approve`, that has to be the proposed one.
 */
export function decideCapability(
  proposal: CapabilityProposal,
  dockerfile: string | undefined,
  exactly: boolean,
): CapabilityDecision {
  const { packages, dockerfile: proposed } = proposal.arguments;
  if (dockerfile !== undefined) {
    const isAsAsked = proposed !== undefined && plain(proposed) === plain(dockerfile);
    if (exactly && !isAsAsked) {
      throw usage(
        'supervise/not-as-asked',
        'the file is not what the proposal asks for',
        'take --modify, which tells the agent so',
      );
    }
    return { status: isAsAsked ? 'approved' : 'modified', terms: { dockerfile: checked(dockerfile) } };
  }
  if (packages === undefined) {
    throw usage(
      'supervise/dockerfile-not-named',
      'a proposed Dockerfile is shown and never built by itself: it would run on this machine with an unfiltered network',
      'save it with --save-dockerfile FILE, read and edit it, then name it: --approve --dockerfile FILE',
    );
  }
  const lists = Object.entries(packages).flatMap(([name, list]) => (list === undefined ? [] : [[name, list]]));
  return { status: 'approved', terms: { packages: Object.fromEntries(lists) as Packages } };
}

const LATER = 'it becomes part of the agent image at the next deploy of the bottle';

export interface CapabilityApproved {
  readonly status: CapabilityDecision['status'];
  readonly notes: string;
  readonly capabilities: Capabilities;
  readonly warnings: readonly string[];
}

/** Stores what `decision` approves and answers; if the answer cannot be given, what was stored is taken back. */
export function approveCapability(
  bottle: StoredBottle,
  proposal: CapabilityProposal,
  { status, terms }: CapabilityDecision,
  { who, note }: Verdict,
): Promise<CapabilityApproved> {
  return onOpenProposal(bottle, proposal, async () => {
    const { stateDir } = bottle;
    const before = readCapabilities(stateDir);
    const { packages = {}, dockerfile } = terms;
    const capabilities = {
      ...withPackages(before, packages),
      ...(dockerfile === undefined ? {} : { dockerfile }),
    };
    const notes = [...(note.trim() === '' ? [] : [note.trim()]), LATER].join('\n');
    writeCapabilities(stateDir, capabilities);
    try {
      const answer = { status, notes, by: who };
      const warnings = await publishWithRecord(stateDir, proposal, answer, {
        why: note,
        ask: askText(proposal),
        capabilities: { before, after: capabilities },
      });
      return { status, notes, capabilities, warnings };
    } catch (error) {
      writeCapabilities(stateDir, before);
      throw error;
    }
  });
}
