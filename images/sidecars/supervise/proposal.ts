/**
 * The two files of the queue: a proposal, which supervise writes for the agent, and the response to it. Whoever reads
 * one parses it with these schemas; every text in a proposal is the agent's and only ever data.
 */

import { z } from 'zod';
import { CapabilityBlockArguments, EgressBlockArguments, PipelockBlockArguments } from './arguments.ts';

/** Longest file that is read from the queue, in bytes; no valid entry comes near it. */
export const QUEUE_ENTRY_MAX = 131_072;

export const ProposalId = z.uuid();
const instant = z.iso.datetime();

const header = {
  version: z.literal(1),
  id: ProposalId,
  /** Slug of the bottle that asks. */
  slug: z.string(),
  created: instant,
  /** From this instant on the proposal counts as `expired`, a denial. */
  expires: instant,
};

export const Proposal = z.discriminatedUnion('tool', [
  z.strictObject({ ...header, tool: z.literal('egress-block'), arguments: EgressBlockArguments }),
  z.strictObject({ ...header, tool: z.literal('pipelock-block'), arguments: PipelockBlockArguments }),
  z.strictObject({ ...header, tool: z.literal('capability-block'), arguments: CapabilityBlockArguments }),
]);
export type Proposal = z.infer<typeof Proposal>;

/** A tool whose call makes a proposal, with its arguments. */
export type ProposalRequest = Proposal extends infer One
  ? One extends Proposal
    ? Pick<One, 'tool' | 'arguments'>
    : never
  : never;

/** `approved` as asked, `modified` to something else that the notes describe, `rejected`, or too late. */
export const VERDICTS = ['approved', 'modified', 'rejected', 'expired'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The operator's answer; supervise itself writes `expired` at the deadline if there is none by then. */
export const ProposalResponse = z.strictObject({
  version: z.literal(1),
  id: ProposalId,
  status: z.enum(VERDICTS),
  /** From the operator to the agent. */
  notes: z.string().max(4_000).optional(),
  decided: instant.optional(),
  /** Who answered, for other operators; it does not go to the agent. */
  by: z.string().min(1).max(256).optional(),
});
export type ProposalResponse = z.infer<typeof ProposalResponse>;

export const proposalFile = (id: string): string => `${id}.proposal.json`;
export const responseFile = (id: string): string => `${id}.response.json`;

/** What `name` is an entry of, or undefined for a file that is not the queue's. */
export function queueEntry(name: string): { readonly kind: 'proposal' | 'response'; readonly id: string } | undefined {
  const [, id, kind] = /^([0-9a-f-]{36})\.(proposal|response)\.json$/.exec(name) ?? [];
  if (id === undefined || !ProposalId.safeParse(id).success) return undefined;
  return { kind: kind === 'proposal' ? 'proposal' : 'response', id };
}

/** Temporary files of a writer, before their rename; readers pass over them in silence. */
export const isTemporary = (name: string): boolean => name.startsWith('.') && name.endsWith('.tmp');
