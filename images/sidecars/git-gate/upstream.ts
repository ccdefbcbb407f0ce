/** The upstream's refs, and the mirror brought to them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { type GitRemoteEntry, PRIVATE_DIR, parseGitSshUrl } from '../../../lib/plan/index.ts';
import { type Git, gitOutput, mirrorGit, runGit } from './git.ts';
import { sshEnvironment } from './ssh.ts';
import { upstreamFailure } from './upstream-failure.ts';

export interface UpstreamRefs {
  /** The full name of the branch that HEAD names, also where it has no commit yet. */
  readonly head?: string;
  /** Object ids of branches and tags by full name. */
  readonly refs: ReadonlyMap<string, string>;
}

export interface Synchronized {
  readonly upstream: UpstreamRefs;
  /** True if the mirror had to follow: what it took for published may not be so any more. */
  readonly moved: boolean;
}

export const upstreamHost = (remote: GitRemoteEntry): string => parseGitSshUrl(remote.url)?.host ?? 'the upstream';

/** What `git ls-remote --symref` prints: `ref: <target>\tHEAD`, then `<id>\t<name>`, with `^{}` for peeled tags. */
export function parseLsRemote(text: string): UpstreamRefs {
  const refs = new Map<string, string>();
  let head: string | undefined;
  for (const line of text.split('\n')) {
    const [left, name] = line.split('\t');
    if (left === undefined || name === undefined) continue;
    if (left.startsWith('ref: ')) {
      if (name === 'HEAD' && left.startsWith('ref: refs/heads/')) head = left.slice('ref: '.length);
    } else if (/^refs\/(?:heads|tags)\//.test(name) && !name.endsWith('^{}')) refs.set(name, left);
  }
  return { refs, ...(head === undefined ? {} : { head }) };
}

/**
 * The branch that an upstream's HEAD names although it does not exist yet: ls-remote does not tell, a clone learns it
 * (gitprotocol-v2(5), `unborn`). Nothing is downloaded, for there is nothing at HEAD.
 */
async function unbornHead(git: Git, remote: GitRemoteEntry): Promise<string | undefined> {
  const scratch = mkdtempSync(`${PRIVATE_DIR['git-gate']}/head-`);
  try {
    const clone = [
      'clone',
      '--quiet',
      '--bare',
      '--depth=1',
      '--single-branch',
      '--no-tags',
      '--',
      remote.url,
      scratch,
    ];
    const { GIT_DIR: _, ...env } = git.env;
    const { code } = await runGit({ directory: '/', env }, clone, { env: sshEnvironment(remote) });
    if (code !== 0) return undefined;
    const head = (await gitOutput(mirrorGit(scratch), ['symbolic-ref', 'HEAD'])).toString().trim();
    return head.startsWith('refs/heads/') ? head : undefined;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function readUpstream(git: Git, remote: GitRemoteEntry): Promise<UpstreamRefs> {
  const listing = ['ls-remote', '--quiet', '--symref', '--', remote.url, 'HEAD', 'refs/heads/*', 'refs/tags/*'];
  const outcome = await runGit(git, listing, { env: sshEnvironment(remote), timeoutMs: 60_000 });
  if (outcome.code !== 0) throw upstreamFailure(upstreamHost(remote), outcome.stderr, outcome.problem);
  const text = outcome.stdout.toString();
  const upstream = parseLsRemote(text);
  // A HEAD with an id but no name is detached; one that is not listed at all may be unborn.
  if (upstream.head !== undefined || /\tHEAD$/m.test(text)) return upstream;
  const head = await unbornHead(git, remote);
  return { refs: upstream.refs, ...(head === undefined ? {} : { head }) };
}

async function mirrorRefs(git: Git): Promise<ReadonlyMap<string, string>> {
  const text = (await gitOutput(git, ['for-each-ref', '--format=%(objectname)%09%(refname)'])).toString();
  return parseLsRemote(text).refs;
}

const sameRefs = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([name, id]) => b.get(name) === id);

/**
 * Brings the mirror to the upstream's branches, tags and HEAD, and returns these. The caller holds the mirror's lock.
 * Throws an UpstreamError; the mirror then is as it was, and nobody must be served from it.
 */
export async function synchronize(remote: GitRemoteEntry, directory: string): Promise<Synchronized> {
  const git = mirrorGit(directory);
  const upstream = await readUpstream(git, remote);
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
