/** What the upstream has at this moment: its refs, its HEAD, the kind of its ids. */

import { mkdtempSync, rmSync } from 'node:fs';
import { type GitRemoteEntry, PRIVATE_DIR, parseGitSshUrl } from '../../../lib/plan/index.ts';
import { type Git, gitOutput, mirrorGit, runGit } from './git.ts';
import { sshEnvironment } from './ssh.ts';
import { upstreamFailure } from './upstream-failure.ts';

/** How git names objects (git-init(1), `--object-format`). */
export type ObjectFormat = 'sha1' | 'sha256';

export interface UpstreamRefs {
  /** The full name of the branch that HEAD names, also where it has no commit yet. */
  readonly head?: string;
  /** Object ids of branches and tags by full name. */
  readonly refs: ReadonlyMap<string, string>;
  /** Symbolic refs other than HEAD, with what they stand for (gitprotocol-v2(5), `symrefs`). */
  readonly aliases: ReadonlyMap<string, string>;
  /** True if the upstream speaks a version of the protocol in which it names its aliases. */
  readonly tellsAliases: boolean;
  /** Undefined if the upstream has nothing yet and does not say. */
  readonly format?: ObjectFormat;
}

export const upstreamHost = (remote: GitRemoteEntry): string => parseGitSshUrl(remote.url)?.host ?? 'the upstream';

/** What `git ls-remote --symref` prints: `ref: <target>\tHEAD`, then `<id>\t<name>`, with `^{}` for peeled tags. */
export function parseLsRemote(text: string): Omit<UpstreamRefs, 'tellsAliases'> {
  const refs = new Map<string, string>();
  const aliases = new Map<string, string>();
  let head: string | undefined;
  for (const line of text.split('\n')) {
    const [left, name] = line.split('\t');
    if (left === undefined || name === undefined) continue;
    if (left.startsWith('ref: ')) {
      const target = left.slice('ref: '.length);
      if (name !== 'HEAD') aliases.set(name, target);
      else if (target.startsWith('refs/heads/')) head = target;
    } else if (/^refs\/(?:heads|tags)\//.test(name) && !name.endsWith('^{}')) refs.set(name, left);
  }
  const id = /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?=\t)/m.exec(text)?.[0];
  const format = id === undefined ? undefined : id.length === 64 ? 'sha256' : 'sha1';
  return { refs, aliases, ...(head === undefined ? {} : { head }), ...(format === undefined ? {} : { format }) };
}

/**
 * The branch that an upstream's HEAD names although it does not exist yet, and how an empty upstream names objects:
 * ls-remote does not tell, a clone learns it (gitprotocol-v2(5), `unborn` and `object-format`). Nothing is downloaded,
 * for there is nothing at HEAD.
 */
async function unborn(git: Git, remote: GitRemoteEntry): Promise<Pick<UpstreamRefs, 'head' | 'format'>> {
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
    if (code !== 0) return {};
    const read = async (...args: string[]): Promise<string> =>
      (await gitOutput(mirrorGit(scratch), args)).toString().trim();
    const head = await read('symbolic-ref', 'HEAD');
    const format = (await read('rev-parse', '--show-object-format')) === 'sha256' ? 'sha256' : 'sha1';
    return { format, ...(head.startsWith('refs/heads/') ? { head } : {}) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** git's own trace (api-trace2, "event"), which tells the protocol's version, among what ssh and the upstream say. */
const TRACE_TO_STDERR = { GIT_TRACE2_EVENT: '2' };
const TRACED = /^\{"event":.*$/gm;
const TELLS_ALIASES = /^\{"event":"data",.*"key":"negotiated-version","value":"2"/m;

/** Asks the upstream. Throws an UpstreamError. */
export async function readUpstream(git: Git, remote: GitRemoteEntry): Promise<UpstreamRefs> {
  const listing = ['ls-remote', '--quiet', '--symref', '--', remote.url, 'HEAD', 'refs/heads/*', 'refs/tags/*'];
  const outcome = await runGit(git, listing, {
    env: { ...sshEnvironment(remote), ...TRACE_TO_STDERR },
    timeoutMs: 60_000,
  });
  if (outcome.code !== 0) {
    throw upstreamFailure(upstreamHost(remote), outcome.stderr.replaceAll(TRACED, ''), outcome.problem);
  }
  const text = outcome.stdout.toString();
  const upstream = { ...parseLsRemote(text), tellsAliases: TELLS_ALIASES.test(outcome.stderr) };
  // A HEAD with an id but no name is detached; one that is not listed at all may be unborn.
  if (upstream.head !== undefined || /\tHEAD$/m.test(text)) return upstream;
  return { ...(await unborn(git, remote)), ...upstream };
}
