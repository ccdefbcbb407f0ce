/** One line of `audit/audit.jsonl`: what was changed about a bottle's policy, by whom, why, and what came of it. */

import { createHash } from 'node:crypto';
import { z } from 'zod';

export const FIRST_PREV = '0'.repeat(64);

/** Bytes of a change's diff that its line keeps. */
const DIFF_MAX = 16 * 1024;

/** `diff` as a line keeps it: cut after a whole line where it is longer, and saying so. */
export function keptDiff(diff: string): string {
  if (Buffer.byteLength(diff) <= DIFF_MAX) return diff;
  const bytes = Buffer.from(diff).subarray(0, DIFF_MAX);
  const kept = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1).toString();
  return `${kept}(${Buffer.byteLength(diff) - Buffer.byteLength(kept)} more bytes are not kept)\n`;
}

const digests = z.strictObject({ egress: z.string().optional(), pipelock: z.string() });

/** `v`, `seq` and `prev` stand on every line; `prev` is the SHA-256 (hex) of the line before it, without its newline. */
const chained = {
  v: z.literal(1),
  seq: z.int().min(1),
  prev: z.string().regex(/^[0-9a-f]{64}$/),
  time: z.iso.datetime(),
};

export const ChangeEntry = z.strictObject({
  kind: z.literal('change'),
  /** Id of the change; two lines may speak of one, e.g. `applied`, then `rolled-back`. */
  change: z.string(),
  who: z.string(),
  why: z.string(),
  origin: z.enum(['allow', 'proposal', 'deploy']),
  proposal: z.string().optional(),
  /** `refused`: a daemon refused the new policy; `rolled-back`: it came to nothing for another reason. */
  outcome: z.enum(['applied', 'rolled-back', 'refused']),
  /** Why it was not applied, or which daemon has not said that it runs it. */
  reason: z.string().optional(),
  opens: z.array(z.string()),
  closes: z.array(z.string()),
  /** What waits for the next deploy. */
  deferred: z.array(z.string()),
  /** SHA-256 (hex) of the policy files. */
  before: digests,
  after: digests,
  /** Unified diff of the policy files, as {@link keptDiff} cuts it; absent where they stay as they are. */
  diff: z.string().optional(),
  /** The grants that came and went, whole. */
  grants: z.strictObject({ added: z.array(z.unknown()), removed: z.array(z.unknown()) }),
});
export type ChangeEntry = z.infer<typeof ChangeEntry>;

/** An answer to a proposal that changed no policy: a rejection, or what is for the next agent image. */
export const VerdictEntry = z.strictObject({
  kind: z.literal('verdict'),
  who: z.string(),
  why: z.string(),
  proposal: z.string(),
  status: z.enum(['approved', 'modified', 'rejected']),
  /** What was asked for, in words; the agent chose some of them. */
  ask: z.string(),
  /** Why it came to nothing after all: such a line follows the one that it takes back. */
  reason: z.string().optional(),
  /** `capabilities.json` before and after, where the answer changed it. */
  capabilities: z.strictObject({ before: z.unknown(), after: z.unknown() }).optional(),
});
export type VerdictEntry = z.infer<typeof VerdictEntry>;

/** The chain was found broken when this line was written. */
export const BreakEntry = z.strictObject({ kind: z.literal('broken-chain'), problems: z.array(z.string()) });
export type BreakEntry = z.infer<typeof BreakEntry>;

export const AuditLine = z.discriminatedUnion('kind', [
  ChangeEntry.extend(chained),
  VerdictEntry.extend(chained),
  BreakEntry.extend(chained),
]);
export type AuditLine = z.infer<typeof AuditLine>;

export const lineDigest = (line: string): string => createHash('sha256').update(line).digest('hex');
