/** The gate: judges one push, whole, and forwards it. Nothing is let into the mirror that the upstream did not take. */

import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { findingLines, nameShower } from './finding-lines.ts';
import { forward } from './forward.ts';
import { type Git, mirrorGit, quarantineGit, runGit } from './git.ts';
import { protects } from './glob.ts';
import { lockMirror } from './lock.ts';
import { newCommits, pathChanges } from './pushed-paths.ts';
import { type RefFacts, refusalsOfSet, refusalsOfUpdate, refusalsOfUpstream } from './ref-rules.ts';
import type { RefUpdate } from './ref-update.ts';
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
  const peeled = await runGit(git, ['cat-file', '-t', `${to}^{}`]);
  const ancestor = from === undefined ? undefined : await runGit(git, ['merge-base', '--is-ancestor', from, to]);
  return {
    wellFormed,
    fastForward: ancestor?.code === 0,
    ...(peeled.code === 0 ? { peeledType: peeled.stdout.toString().trim() } : {}),
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

/** Judges `updates` on the mirror at `directory` and, if they pass, forwards them to the upstream. */
export async function judgePush(
  remote: GitRemoteEntry,
  directory: string,
  updates: readonly RefUpdate[],
  hook: NodeJS.ProcessEnv,
): Promise<Verdict> {
  const started = Date.now();
  const git = quarantineGit(directory, hook);
  const ids = updates.flatMap(({ to }) => (to === undefined ? [] : [to]));
  const log = (verdict: string, more: Readonly<Record<string, unknown>>): void =>
    logEvent({ event: 'push', remote: remote.name, verdict, refs: updates.length, ms: Date.now() - started, ...more });

  const scanned = await scanPush(git, updates);
  const show = nameShower(scanned.findings);
  const secrets = await findingLines(git, scanned.findings, ids);
  const refused = refusalsOfSet(updates, show);
  for (const update of updates) refused.push(...refusalsOfUpdate(remote, update, await factsOf(git, update), show));
  if (secrets.length + refused.length > 0) {
    const rules = [...new Set(scanned.findings.map(({ rule }) => rule))];
    log('rejected', { stage: 'scan', findings: scanned.findings.length, rules, refused });
    return { accepted: false, lines: [...secrets, ...refused] };
  }

  // From here on the upstream is asked, so what it is now counts, not what the mirror remembers.
  await lockMirror(remote.name);
  try {
    const upstream = await synchronize(remote, mirrorGit(directory).directory);
    for (const update of updates) refused.push(...refusalsOfUpstream(remote, update, upstream, show));
    if (refused.length === 0) refused.push(...(await protectedPathRefusals(git, remote, ids)));
    if (refused.length > 0) {
      log('rejected', { stage: 'upstream', refused });
      return { accepted: false, lines: refused };
    }
    const said = await forward(git, remote, updates);
    const host = upstreamHost(remote);
    log('forwarded', { names: updates.map(({ ref }) => show(ref)), objects: scanned.objects });
    return {
      accepted: true,
      lines: [
        `scanned ${scanned.objects} objects, forwarded to ${host}`,
        ...said.map((line) => `${host} says: ${line}`),
      ],
    };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    log('rejected', { stage: 'forward', reason: error.reason, why: error.message });
    return { accepted: false, lines: error.message.split('\n') };
  }
}
