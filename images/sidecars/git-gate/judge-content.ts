/** What a push is by itself: its contents, its names and its refs. Asks nobody. */

import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { findingLines, loggedFindings, nameShower } from './finding-lines.ts';
import { type Git, runGit } from './git.ts';
import type { PushLog } from './push-log.ts';
import { type RefFacts, refusalsOfSet, refusalsOfUpdate } from './ref-rules.ts';
import { type RefUpdate, refKind } from './ref-update.ts';
import { notesOf } from './scan/notes.ts';
import { scanPush } from './scan/pushed.ts';

export interface Push {
  readonly remote: GitRemoteEntry;
  readonly updates: readonly RefUpdate[];
  /** The new values of the refs. */
  readonly ids: readonly string[];
  /** git on the mirror and the pushed objects. */
  readonly git: Git;
  readonly log: PushLog;
}

export interface Judgement {
  /** Why the push is rejected; empty if it is not. */
  readonly lines: readonly string[];
  /** What the client should know of a push that goes on. */
  readonly notes: readonly string[];
  readonly objects: number;
}

async function factsOf(git: Git, { ref, from, to }: RefUpdate): Promise<RefFacts> {
  const wellFormed = (await runGit(git, ['check-ref-format', ref])).code === 0;
  if (to === undefined) return { wellFormed, fastForward: false };
  // A branch must be a commit itself; a tag may lead to one.
  const target = await runGit(git, ['cat-file', '-t', refKind(ref) === 'tag' ? `${to}^{}` : to]);
  const ancestor = from === undefined ? undefined : await runGit(git, ['merge-base', '--is-ancestor', from, to]);
  return {
    wellFormed,
    fastForward: ancestor?.code === 0,
    ...(target.code === 0 ? { targetType: target.stdout.toString().trim() } : {}),
  };
}

const hiddenLine = (count: number): string =>
  `the push carries ${count} ${count === 1 ? 'object' : 'objects'} that no pushed ref leads to; push from a fresh clone`;

/** Scans and judges the push, and logs why it is rejected, if it is. */
export async function judgeContent({ remote, updates, ids, git, log }: Push): Promise<Judgement> {
  // Each ref costs some runs of git, and a line on git's command line.
  const set = refusalsOfSet(updates, nameShower([]));
  if (set.crowded) {
    log.rejected({ stage: 'scan', reason: 'rule', refused: set.lines });
    return { lines: set.lines, notes: [], objects: 0 };
  }
  const scanned = await scanPush(git, updates);
  const show = nameShower(scanned.findings);
  const findings = await loggedFindings(git, scanned.findings, ids);
  const count = scanned.findings.length;
  const refused = [...refusalsOfSet(updates, show).lines];
  if (scanned.hidden > 0) refused.push(hiddenLine(scanned.hidden));
  for (const update of updates) refused.push(...refusalsOfUpdate(remote, update, await factsOf(git, update), show));
  const lines = [...findingLines(findings, count), ...refused];
  if (lines.length > 0) {
    const rules = [...new Set(scanned.findings.map(({ rule }) => rule))];
    log.rejected({ stage: 'scan', reason: count > 0 ? 'secret' : 'rule', refused, findings, count, rules });
  }
  return { lines, notes: notesOf(scanned), objects: scanned.objects };
}
