/** The mirror, brought to what the upstream is. */

import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { type Git, gitOutput, mirrorGit, runGit } from './git.ts';
import { mirrorFormat, remakeMirror } from './mirror.ts';
import { sshEnvironment } from './ssh.ts';
import { UpstreamError, upstreamFailure } from './upstream-failure.ts';
import { type ObjectFormat, parseLsRemote, readUpstream, type UpstreamRefs, upstreamHost } from './upstream-refs.ts';

export interface Synchronized {
  readonly upstream: UpstreamRefs;
  /** True if the mirror had to follow: what it took for published may not be so any more. */
  readonly moved: boolean;
}

async function mirrorRefs(git: Git): Promise<ReadonlyMap<string, string>> {
  const text = (await gitOutput(git, ['for-each-ref', '--format=%(objectname)%09%(refname)'])).toString();
  return parseLsRemote(text).refs;
}

const sameRefs = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([name, id]) => b.get(name) === id);

/** A mirror of the other object format holds nothing of this upstream: it begins anew, but not below a push. */
async function followFormat(
  remote: GitRemoteEntry,
  directory: string,
  format: ObjectFormat,
  pushing: boolean,
): Promise<void> {
  if (format === mirrorFormat(directory)) return;
  if (pushing) {
    throw new UpstreamError('other', `${upstreamHost(remote)} has ${format} objects: clone it through git-gate first`);
  }
  await remakeMirror(remote, directory, format);
}

/**
 * Brings the mirror to the upstream's branches, tags and HEAD, and returns these. The caller holds the mirror's lock.
 * Throws an UpstreamError; the mirror then is as it was, and nobody must be served from it.
 */
export async function synchronize(
  remote: GitRemoteEntry,
  directory: string,
  { pushing }: { readonly pushing: boolean },
): Promise<Synchronized> {
  const git = mirrorGit(directory);
  const upstream = await readUpstream(git, remote);
  await followFormat(remote, directory, upstream.format ?? mirrorFormat(directory), pushing);
  const moved = !sameRefs(upstream.refs, await mirrorRefs(git));
  if (moved) {
    const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
    const flags = ['--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
    const outcome = await runGit(git, ['fetch', ...flags, '--', remote.url, ...refspecs], {
      env: sshEnvironment(remote),
      timeoutMs: 30 * 60_000,
    });
    if (outcome.code !== 0) throw upstreamFailure(upstreamHost(remote), outcome.stderr, outcome.problem);
  }
  const current = (await gitOutput(git, ['symbolic-ref', 'HEAD'])).toString().trim();
  if (upstream.head !== undefined && upstream.head !== current) {
    await gitOutput(git, ['symbolic-ref', 'HEAD', upstream.head]);
  }
  return { upstream, moved };
}
