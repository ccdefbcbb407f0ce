/** The push onward: all refs or none, each exactly from what the client saw to what was scanned. */

import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { type Git, runGit } from './git.ts';
import type { RefUpdate } from './ref-update.ts';
import { printable } from './say.ts';
import { sshEnvironment } from './ssh.ts';
import { remoteLines, UpstreamError, upstreamFailure } from './upstream-failure.ts';
import { upstreamHost } from './upstream-refs.ts';

/** A refused ref in `git push --porcelain`: `!`, the refspec, then `[remote rejected] (why)`. */
const REFUSED = /^!\t([^\t]*)\t(.*)$/;

/** Why git or the upstream refused refs; empty if `stdout` names none. Refs are told apart by their order only. */
export function refusedRefs(stdout: string): string[] {
  return stdout.split('\n').flatMap((line) => {
    const [, , why] = REFUSED.exec(line) ?? [];
    if (why === undefined) return [];
    const stale = why.includes('stale info');
    return [stale ? 'the upstream has changed, fetch and try again' : `the upstream refused: ${printable(why)}`];
  });
}

/** The arguments of the one `git push`. The lease is on the exact old value, so it also keeps a plain push plain. */
export function pushArguments(remote: Pick<GitRemoteEntry, 'url'>, updates: readonly RefUpdate[]): string[] {
  return [
    'push',
    '--porcelain',
    '--no-verify',
    '--no-follow-tags',
    '--no-signed',
    '--recurse-submodules=no',
    // Not every server knows it, and one ref is atomic by itself.
    ...(updates.length > 1 ? ['--atomic'] : []),
    ...updates.map(({ ref, from }) => `--force-with-lease=${ref}:${from ?? ''}`),
    '--',
    remote.url,
    ...updates.map(({ ref, to }) => `${to ?? ''}:${ref}`),
  ];
}

/** Forwards `updates` and returns what the upstream said. Throws an {@link UpstreamError} that says why it failed. */
export async function forward(git: Git, remote: GitRemoteEntry, updates: readonly RefUpdate[]): Promise<string[]> {
  const outcome = await runGit(git, pushArguments(remote, updates), {
    env: sshEnvironment(remote),
    timeoutMs: 15 * 60_000,
  });
  const said = remoteLines(outcome.stderr);
  if (outcome.code === 0) return said;
  const refused = [...new Set(refusedRefs(outcome.stdout.toString()))];
  const host = upstreamHost(remote);
  if (refused.length === 0) throw upstreamFailure(host, outcome.stderr, outcome.problem);
  throw new UpstreamError('rejected', [...refused, ...said.map((line) => `${host} says: ${line}`)].join('\n'));
}
