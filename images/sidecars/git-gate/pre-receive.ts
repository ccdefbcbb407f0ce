/** The gate: judges one push, whole, and forwards it. Nothing is let into the mirror that the upstream did not take. */

import { protects } from '../../../lib/plan/glob.ts';
import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { failureReason } from './failure-reason.ts';
import { forward } from './forward.ts';
import { type Git, quarantineGit } from './git.ts';
import { type Judgement, judgeContent, type Push } from './judge-content.ts';
import { holdUntilEnd, lockMirror } from './lock.ts';
import { pushLog, type Rejection } from './push-log.ts';
import { newCommits, pathChanges } from './pushed-paths.ts';
import { refusalsOfUpstream } from './ref-rules.ts';
import type { RefUpdate } from './ref-update.ts';
import { printable } from './say.ts';
import { synchronize } from './synchronize.ts';
import { upstreamHost } from './upstream-refs.ts';

export interface Verdict {
  readonly accepted: boolean;
  /** For the client, without the prefix. */
  readonly lines: readonly string[];
}

/** Refused paths that are named. */
const SHOWN = 20;

async function protectedPathRefusals(git: Git, remote: GitRemoteEntry, ids: readonly string[]): Promise<string[]> {
  if (remote.protectedPaths.length === 0) return [];
  const touched: string[] = [];
  let more = 0;
  for await (const { path, commit } of pathChanges(git, await newCommits(git, ids))) {
    const pattern = remote.protectedPaths.find((glob) => protects(glob, path));
    if (pattern === undefined) continue;
    if (touched.length === SHOWN) more += 1;
    else touched.push(`${printable(path, 200)}: protected by ${pattern}, changed in commit ${commit.slice(0, 12)}`);
  }
  return more > 0 ? [...touched, `and ${more} more`] : touched;
}

/** What the push is to the upstream of this moment, not to the one that the mirror remembers; then sends it there. */
async function judgeAndForward(push: Push, { objects, notes }: Judgement): Promise<Verdict> {
  const { remote, updates, ids, git, log } = push;
  const { upstream, moved } = await synchronize(remote, git.directory, { pushing: true });
  // What left the upstream meanwhile, say a secret in a branch that was deleted, is not published there any more.
  const again = moved ? (await judgeContent(push)).lines : [];
  if (again.length > 0) return { accepted: false, lines: again };
  const refused = updates.flatMap((update) => refusalsOfUpstream(remote, update, upstream, printable));
  if (refused.length === 0) refused.push(...(await protectedPathRefusals(git, remote, ids)));
  if (refused.length > 0) {
    log.rejected({ stage: 'upstream', reason: 'rule', refused });
    return { accepted: false, lines: refused };
  }
  const said = await forward(git, remote, updates);
  const host = upstreamHost(remote);
  log.forwarded(updates, objects);
  const summary = `scanned ${objects} objects, forwarded to ${host}`;
  return { accepted: true, lines: [summary, ...notes, ...said.map((line) => `${host} says: ${line}`)] };
}

/** Judges `updates` on the mirror at `directory` and, if they pass, forwards them to the upstream. */
export async function judgePush(
  remote: GitRemoteEntry,
  directory: string,
  updates: readonly RefUpdate[],
  hook: NodeJS.ProcessEnv,
): Promise<Verdict> {
  const log = pushLog(remote, updates.length);
  const ids = updates.flatMap(({ to }) => (to === undefined ? [] : [to]));
  const push: Push = { remote, updates, ids, git: quarantineGit(directory, hook), log };
  let stage: Rejection['stage'] = 'scan';
  try {
    const judgement = await judgeContent(push);
    if (judgement.lines.length > 0) return { accepted: false, lines: judgement.lines };
    stage = 'forward';
    const lock = await lockMirror(remote.name);
    const verdict = await judgeAndForward(push, judgement);
    const receivePack = Number(hook['GIT_GATE_RECEIVE_PACK']);
    if (verdict.accepted && Number.isInteger(receivePack) && receivePack > 1) holdUntilEnd(lock, receivePack);
    return verdict;
  } catch (error) {
    const { word, lines } = failureReason(error);
    log.rejected({ stage, reason: word, refused: lines });
    return { accepted: false, lines };
  }
}
