/** One text of a request to be judged by its content, as a message that travels between threads. */

import { judgeBody, judgeHeaders } from '../judge/content.ts';
import { judgeTarget } from '../judge/target.ts';
import type { HeaderField } from '../proxy/headers.ts';
import { type Refusal, refusal } from '../refusal.ts';
import type { Effort } from '../secrets/budget.ts';

export type ScanJob =
  | { readonly kind: 'target'; readonly origin: string; readonly target: string }
  /** `ignored`: lower-case names of fields that are not scanned. */
  | { readonly kind: 'headers'; readonly fields: readonly HeaderField[]; readonly ignored: ReadonlySet<string> }
  | { readonly kind: 'body'; readonly bytes: Uint8Array };

export function sizeOf(job: ScanJob): number {
  if (job.kind === 'body') return job.bytes.length;
  if (job.kind === 'target') return job.target.length;
  return job.fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
}

/** The verdict on `job`; with quick effort it throws `DecodeBudgetError` where more is needed. */
export function judgeJob(job: ScanJob, effort: Effort): Promise<Refusal | undefined> {
  if (job.kind === 'target') return judgeTarget(job.origin, job.target, effort);
  if (job.kind === 'headers') return judgeHeaders(job.fields, job.ignored, effort);
  const { buffer, byteOffset, length } = job.bytes;
  return judgeBody(Buffer.from(buffer, byteOffset, length), effort);
}

/** The refusal of a job that has no verdict. */
export function unjudged({ kind }: ScanJob, why: string): Refusal {
  if (kind === 'headers') return refusal('header_dlp', `request header cannot be scanned: ${why}`);
  return kind === 'target'
    ? refusal('dlp', `URL cannot be scanned: ${why}`)
    : refusal('body_dlp', `request body cannot be scanned: ${why}`);
}
