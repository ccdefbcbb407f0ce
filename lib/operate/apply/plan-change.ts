/** What changes would do to a bottle: computed from its state directory, nothing touched. */

import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  assertGrantable,
  changedGrants,
  difference,
  type Grant,
  isNarrowing,
  type PolicyChange,
  type PolicyTexts,
  policyDiff,
  policySteps,
  readGrants,
  type Step,
  withGrants,
} from '../grants/index.ts';
import type { ChangeRecord, LiveBottle, Preview } from './contract.ts';
import { operatorName } from './operator.ts';
import { declaredPolicy, livePolicy } from './policy-files.ts';

export interface PlannedChange extends Preview {
  readonly before: PolicyTexts;
  readonly after: PolicyTexts;
  readonly steps: readonly Step[];
  readonly grants: { readonly before: readonly Grant[]; readonly after: readonly Grant[] };
  /** False where everything is as wanted already. */
  readonly changed: boolean;
  /** It only closes, and a file changes by it. */
  readonly narrows: boolean;
  /** The files were changed by hand since the last deploy or live change; that is undone, too. */
  readonly isDrifted: boolean;
}

/** Before every expiry. */
const BEGINNING = new Date(0);

/** What `changes`, in their order, would do. Throws an `allow/…` error on a change that is refused. */
export function planChanges(
  { stateDir, deployed }: Pick<LiveBottle, 'stateDir' | 'deployed'>,
  changes: readonly PolicyChange[],
  record: ChangeRecord,
  now: Date,
): PlannedChange {
  const { tokens } = deployed;
  const declared = declaredPolicy(stateDir);
  const before = livePolicy(stateDir);
  const old = readGrants(stateDir);
  assertGrantable(declared, old);
  const stamp = { id: randomUUID, time: now.toISOString(), ...record };
  const grants = changedGrants(declared, old, changes, { tokens, stamp, now });
  const { deferred, ...after } = withGrants(declared, grants, tokens, now);
  const { deferred: _deferred, ...expected } = withGrants(declared, old, tokens, BEGINNING);
  const steps = policySteps(before, after);
  const named = new Set(changes.map(({ host }) => host));
  return {
    ...difference(before, after, tokens),
    diff: policyDiff(before, after),
    restartsPipelock: steps.some(({ how }) => how === 'restart'),
    deferred: deferred
      .filter(({ host }) => named.has(host))
      .map(({ host, auth }) => `${host}: the credential ${auth?.from} enters the bundle at the next deploy`),
    before,
    after,
    steps,
    grants: { before: old, after: grants },
    changed: !isDeepStrictEqual(old, grants) || steps.length > 0,
    narrows: steps.length > 0 && isNarrowing(before, after, tokens),
    isDrifted: !isDeepStrictEqual(before, expected),
  };
}

/** The changes that `changes` make, as text: what `--dry-run` and the operator's preview show. */
export function previewChanges(
  bottle: Pick<LiveBottle, 'stateDir' | 'deployed'>,
  changes: readonly PolicyChange[],
  now: Date = new Date(),
): Preview {
  const record: ChangeRecord = { who: operatorName(), why: 'preview', origin: 'allow' };
  const { opens, closes, diff, restartsPipelock, deferred } = planChanges(bottle, changes, record, now);
  return { opens, closes, diff, restartsPipelock, deferred };
}
