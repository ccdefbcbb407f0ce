/** The gate: judges one push, whole, and forwards it. Nothing is let into the mirror that the upstream did not take. */

import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { findingLines, nameShower } from './finding-lines.ts';
import { forward } from './forward.ts';
import { type Git, quarantineGit, runGit } from './git.ts';
import { protects } from './glob.ts';
import { lockMirror } from './lock.ts';
import { newCommits, pathChanges } from './pushed-paths.ts';
import { type RefFacts, refusalsOfSet, refusalsOfUpdate, refusalsOfUpstream } from './ref-rules.ts';
import { type RefUpdate, refKind } from './ref-update.ts';
import { logEvent, printable } from './say.ts';
import { scanPush } from './scan/pushed.ts';
import { synchronize, upstreamHost } from './upstream.ts';
import { UpstreamError } from './upstream-failure.ts';

export interface Verdict {
  readonly accepted: boolean;
  /** For the client, without the prefix. */
  readonly lines: readonly string[];
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

async function protectedPathRefusals(git: Git, remote: GitRemoteEntry, ids: readonly string[]): Promise<string[]> {
  if (remote.protectedPaths.length === 0) return [];
  const changes = await pathChanges(git, await newCommits(git, ids));
  const touched = changes.flatMap(({ path, commit }) => {
    const pattern = remote.protectedPaths.find((glob) => protects(glob, path));
    return pattern === undefined
      ? []
      : [`${printable(path, 200)}: protected by ${pattern}, changed in commit ${commit.slice(0, 12)}`];
  });
  return touched.length > 20 ? [...touched.slice(0, 20), `and ${touched.length - 20} more`] : touched;
}

interface Push {
  readonly remote: GitRemoteEntry;
  readonly updates: readonly RefUpdate[];
  /** The new values of the refs. */
  readonly ids: readonly string[];
  /** git on the mirror and the pushed objects. */
  readonly git: Git;
  log(verdict: 'forwarded' | 'rejected', more: Readonly<Record<string, unknown>>): void;
}

interface Judgement {
  readonly lines: readonly string[];
  readonly objects: number;
}

/** What the push itself is: its contents and its refs. Asks nobody. */
async function judgeContent({ remote, updates, ids, git, log }: Push): Promise<Judgement> {
  const { findings, objects } = await scanPush(git, updates);
  const show = nameShower(findings);
  const secrets = await findingLines(git, findings, ids);
  const refused = refusalsOfSet(updates, show);
  for (const update of updates) refused.push(...refusalsOfUpdate(remote, update, await factsOf(git, update), show));
  const lines = [...secrets, ...refused];
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  if (lines.length > 0) log('rejected', { stage: 'scan', findings: findings.length, rules, refused });
  return { lines, objects };
}

/** What the push is to the upstream of this moment, not to the one that the mirror remembers; then sends it there. */
async function judgeAndForward(push: Push, objects: number): Promise<Verdict> {
  const { remote, updates, ids, git, log } = push;
  const { upstream, moved } = await synchronize(remote, git.directory);
  // What left the upstream meanwhile, say a secret in a branch that was deleted, is not published there any more.
  const again = moved ? (await judgeContent(push)).lines : [];
  if (again.length > 0) return { accepted: false, lines: again };
  const refused = updates.flatMap((update) => refusalsOfUpstream(remote, update, upstream, printable));
  if (refused.length === 0) refused.push(...(await protectedPathRefusals(git, remote, ids)));
  if (refused.length > 0) {
    log('rejected', { stage: 'upstream', refused });
    return { accepted: false, lines: refused };
  }
  const said = await forward(git, remote, updates);
  const host = upstreamHost(remote);
  log('forwarded', { names: updates.map(({ ref }) => ref), objects });
  const summary = `scanned ${objects} objects, forwarded to ${host}`;
  return { accepted: true, lines: [summary, ...said.map((line) => `${host} says: ${line}`)] };
}

/** Judges `updates` on the mirror at `directory` and, if they pass, forwards them to the upstream. */
export async function judgePush(
  remote: GitRemoteEntry,
  directory: string,
  updates: readonly RefUpdate[],
  hook: NodeJS.ProcessEnv,
): Promise<Verdict> {
  const started = Date.now();
  const log: Push['log'] = (verdict, more) =>
    logEvent({ event: 'push', remote: remote.name, verdict, refs: updates.length, ms: Date.now() - started, ...more });
  const ids = updates.flatMap(({ to }) => (to === undefined ? [] : [to]));
  const push: Push = { remote, updates, ids, git: quarantineGit(directory, hook), log };
  const { lines, objects } = await judgeContent(push);
  if (lines.length > 0) return { accepted: false, lines };
  await lockMirror(remote.name);
  try {
    return await judgeAndForward(push, objects);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    log('rejected', { stage: 'forward', reason: error.reason, why: error.message });
    return { accepted: false, lines: error.message.split('\n') };
  }
}
