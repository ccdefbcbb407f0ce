/**
 * Changes the policy of a running bottle: both daemons run the new one, or everything is as it was. What only closes is
 * never taken back for a daemon that is late.
 */

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BottleError, reasonOf } from '../../errors.ts';
import { withoutCredentials } from '../../plan/index.ts';
import { appendAudit, type ChangeEntry, keptDiff } from '../audit/index.ts';
import { GRANTS_FILE, type Grant, grantsText, needsRestart, type PolicyChange } from '../grants/index.ts';
import { withLock } from '../state/lock.ts';
import { acknowledged } from './acknowledge.ts';
import type { Applied, ApplyOptions, ChangeRecord, LiveBottle } from './contract.ts';
import { enforced, notTaken, type Within } from './enforce.ts';
import { type Intent, putBack, putStaged, removeIntent, storageFailure, writeIntent } from './intent.ts';
import { type PlannedChange, planChanges } from './plan-change.ts';
import { digestsOf, LIVE_FILE, livePolicy, REPLACED, sha256 } from './policy-files.ts';
import { closingDemandsOf, demandsOf, settle } from './settle.ts';

const LOCK_WAIT_MS = 5_000;
/** A reload takes some milliseconds, and a refused one is told at once: this is for a machine that is very busy. */
const RELOAD_MS = 10_000;
const LONGEST_REASON = 2_000;
/** pipelock ends its connections, starts, and reads its policy. */
const RESTART_MS = 30_000;

const lacking = (grants: readonly Grant[], others: readonly Grant[]): Grant[] =>
  grants.filter((grant) => !others.some((other) => isDeepStrictEqual(grant, other)));

function auditEntry(planned: PlannedChange, { who, why, origin, proposal }: ChangeRecord): ChangeEntry {
  return {
    kind: 'change',
    change: randomUUID(),
    who,
    why,
    origin,
    ...(proposal === undefined ? {} : { proposal }),
    outcome: 'applied',
    opens: [...planned.opens],
    closes: [...planned.closes],
    deferred: [...planned.deferred],
    before: { ...digestsOf(planned.before) },
    after: { ...digestsOf(planned.after) },
    ...(planned.diff === '' ? {} : { diff: keptDiff(planned.diff) }),
    grants: {
      added: lacking(planned.grants.after, planned.grants.before),
      removed: lacking(planned.grants.before, planned.grants.after),
    },
  };
}

function intentOf({ before, grants, narrows }: PlannedChange, entry: ChangeEntry, hasGrants: boolean): Intent {
  const absent = [...(before.routes === undefined ? [LIVE_FILE.egress] : []), ...(hasGrants ? [] : [GRANTS_FILE])];
  return {
    version: 1,
    entry,
    existed: REPLACED.filter((path) => !absent.some((missing) => missing === path)),
    grants: sha256(grantsText(grants.after)),
    ...(narrows ? { narrows } : {}),
  };
}

const stagedName = (index: number): string => `step-${index}`;

/** Brings the daemons to the new files, one after the other, then makes the change final. */
async function carryOut(bottle: LiveBottle, planned: PlannedChange, within: Within): Promise<void> {
  const { stateDir } = bottle;
  for (const [index, { daemon, text, how }] of planned.steps.entries()) {
    putStaged(stateDir, LIVE_FILE[daemon], stagedName(index));
    await acknowledged(bottle, [{ daemon, digest: sha256(text) }], how, within(how));
  }
  putStaged(stateDir, GRANTS_FILE, 'grants');
}

/** Makes a change that only closes final, then brings the daemons to it. */
async function closeDown(bottle: LiveBottle, planned: PlannedChange, within: Within) {
  const { stateDir } = bottle;
  for (const [index, { daemon }] of planned.steps.entries()) putStaged(stateDir, LIVE_FILE[daemon], stagedName(index));
  putStaged(stateDir, GRANTS_FILE, 'grants');
  const how = planned.restartsPipelock ? 'restart' : 'reload';
  return enforced(bottle, closingDemandsOf(stateDir, how), within);
}

/** What is in force once `error` has ended a change, as the end of a sentence. */
async function takenBack(bottle: LiveBottle, intent: Intent, within: Within): Promise<string> {
  const { stateDir } = bottle;
  const { pipelock: now } = livePolicy(stateDir);
  putBack(stateDir, intent);
  const how = needsRestart(now, livePolicy(stateDir).pipelock) ? 'restart' : 'reload';
  try {
    await acknowledged(bottle, demandsOf(stateDir), how, within(how));
  } catch (error) {
    if (!(error instanceof BottleError)) throw error;
    if (error.code === 'operate/not-running') {
      removeIntent(stateDir);
      return 'the old policy is in place, and is what the bottle runs when it is brought up again';
    }
    return `the old policy is in place, but ${error.message}`;
  }
  removeIntent(stateDir);
  return 'the old policy is in force';
}

/** Takes a failed change back, records that, and returns the error that tells it. */
async function rolledBack(bottle: LiveBottle, intent: Intent, cause: unknown, within: Within): Promise<unknown> {
  const error = storageFailure(bottle.stateDir, cause);
  let inForce: string;
  try {
    inForce = await takenBack(bottle, intent, within);
  } catch (failure) {
    const reason = reasonOf(failure);
    inForce = `the old policy could not be put back: ${reason}; bottle deploy does it`;
  }
  const outcome = error instanceof BottleError && error.code === 'apply/refused' ? 'refused' : 'rolled-back';
  const reason = reasonOf(error);
  try {
    appendAudit(bottle.stateDir, { ...intent.entry, outcome, reason });
  } catch {
    inForce += '; the audit log could not be written';
  }
  if (!(error instanceof BottleError)) return error;
  return new BottleError(error.code, `${error.message}; ${inForce}`, {
    details: error.details,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    exitCode: error.exitCode,
    cause: error,
  });
}

async function changeUnderLock(
  bottle: LiveBottle,
  changes: readonly PolicyChange[],
  record: ChangeRecord,
  options: ApplyOptions,
): Promise<Applied> {
  const { stateDir } = bottle;
  const { around, acknowledgeMs, now = new Date() } = options;
  const started = performance.now();
  const within: Within = (how) => acknowledgeMs ?? (how === 'restart' ? RESTART_MS : RELOAD_MS);
  const settled = await settle(stateDir, { bottle, acknowledgeMs: within('restart') });
  await around?.before?.();
  const planned = planChanges(bottle, changes, record, now);
  const entry = auditEntry(planned, record);
  const warnings = settled === undefined ? [] : [settled];
  if (planned.isDrifted)
    warnings.push('the policy files had been changed by hand; they are what the definition and the grants say again');
  const { opens, closes, diff, restartsPipelock, deferred, changed } = planned;
  const result = (): Applied => ({
    ...{ opens, closes, diff, restartsPipelock, deferred, changed, warnings },
    change: entry.change,
    before: entry.before,
    after: entry.after,
    milliseconds: performance.now() - started,
  });
  const told = (reason?: string): void => {
    const problems = appendAudit(stateDir, { ...entry, ...(reason === undefined ? {} : { reason }) });
    if (problems.length > 0) warnings.push(`the audit log was changed by somebody else: ${problems.join('; ')}`);
  };
  if (!changed) {
    if (record.origin === 'proposal') told();
    await around?.after?.(result());
    return result();
  }
  const intent = intentOf(planned, entry, existsSync(join(stateDir, GRANTS_FILE)));
  const texts = planned.steps.map(({ text }, index) => [stagedName(index), text] as const);
  writeIntent(stateDir, intent, new Map([...texts, ['grants', grantsText(planned.grants.after)]]));
  let applied: Applied;
  let untaken: BottleError | undefined;
  try {
    if (planned.narrows) {
      const { warnings: took, unconfirmed } = await closeDown(bottle, planned, within);
      warnings.push(...took);
      if (unconfirmed.length > 0) untaken = notTaken(bottle, unconfirmed);
    } else await carryOut(bottle, planned, within);
    applied = result();
    told(untaken?.message);
    if (untaken === undefined) await around?.after?.(applied);
  } catch (error) {
    throw await rolledBack(bottle, intent, error, within);
  }
  removeIntent(stateDir);
  if (untaken !== undefined) throw untaken;
  return applied;
}

/**
 * Makes `changes` on a running bottle, under its lock, and resolves when both daemons run the new policy and the audit
 * log says so. Otherwise throws after everything was brought back as it was: an `allow/…` error for a change that is
 * not allowed, `apply/refused`, `apply/not-acknowledged`, `apply/disk-full`, `operate/not-running`, `deploy/locked`.
 * A change that only closes stays, and is committed, also when this throws `apply/not-acknowledged` or
 * `operate/not-running` because a daemon, restarted in place, has not said that it runs it.
 */
export function applyChanges(
  bottle: LiveBottle,
  changes: readonly PolicyChange[],
  record: ChangeRecord,
  options: ApplyOptions = {},
): Promise<Applied> {
  // Kept for ever, and shown to whoever asks: no place for a token that somebody pastes into a reason.
  const kept = { ...record, why: withoutCredentials(record.why).slice(0, LONGEST_REASON) };
  const work = () =>
    changeUnderLock(bottle, changes, kept, options).catch((error: unknown) => {
      throw storageFailure(bottle.stateDir, error);
    });
  return withLock(bottle.home, bottle.slug, work, options.lockWaitMs ?? LOCK_WAIT_MS);
}
