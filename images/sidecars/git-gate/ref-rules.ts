/**
 * Which refs may be pushed, and how. Pure: what has to be asked of a repository comes in as facts. Messages name refs
 * through `show`, which withholds a name that holds a secret.
 */

import { matchesGlob } from '../../../lib/plan/glob.ts';
import type { GitRemoteEntry } from '../../../lib/plan/index.ts';
import { type RefUpdate, refKind, shortRef } from './ref-update.ts';

export interface RefFacts {
  /** The type of the object that the update points at, for a tag that of what it leads to. */
  readonly targetType?: string;
  /** True if the ref's present commit is an ancestor of the new one. */
  readonly fastForward: boolean;
  /** True if git accepts the name (git-check-ref-format(1)). */
  readonly wellFormed: boolean;
}

/**
 * Names that git takes and people or programs misread: options, a second `refs/`, what a terminal acts on or does not
 * show, and U+FFFD, which stands for bytes that are no text.
 */
const MISLEADING = /^-|^refs\/|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/iu;

type Show = (ref: string) => string;
type Policy = Pick<GitRemoteEntry, 'name' | 'access' | 'branches' | 'allow'>;

/** Why the update is refused whatever the upstream looks like; empty if it is not. */
export function refusalsOfUpdate(policy: Policy, update: RefUpdate, facts: RefFacts, show: Show): string[] {
  const { ref, from, to } = update;
  const name = show(ref);
  const kind = refKind(ref);
  if (policy.access !== 'push') return [`${policy.name} is read-only`];
  if (kind === 'other') return [`${name}: only branches and tags may be pushed`];
  if (!facts.wellFormed || shortRef(ref) === 'HEAD' || MISLEADING.test(shortRef(ref))) {
    return [`${name}: not a name for a branch or tag`];
  }
  if (kind === 'tag' && !policy.allow.tags) return [`${name}: tags may not be pushed to ${policy.name}`];
  const { branches } = policy;
  if (kind === 'branch' && branches !== undefined && !branches.some((glob) => matchesGlob(glob, shortRef(ref)))) {
    return [`${name}: ${policy.name} takes only branches that match ${branches.join(', ')}`];
  }
  if (to === undefined) return policy.allow.delete ? [] : [`${name}: branches and tags may not be deleted`];
  if (facts.targetType !== 'commit') return [`${name}: does not point at a commit`];
  const rewrites = from !== undefined && (kind === 'tag' || !facts.fastForward);
  if (rewrites && !policy.allow.force) return [`${name}: not a fast-forward, and force is not allowed`];
  return [];
}

/** Refs of one push: each is one argument and several runs of git. */
const MOST_REFS = 100;

/** Why the push as a whole is malformed: one ref twice has no single meaning. With `crowded` no ref is looked at. */
export function refusalsOfSet(updates: readonly RefUpdate[], show: Show): { lines: string[]; crowded: boolean } {
  if (updates.length > MOST_REFS) {
    return { lines: [`a push of ${updates.length} refs: push at most ${MOST_REFS} at a time`], crowded: true };
  }
  const seen = new Set<string>();
  const lines = updates.flatMap(({ ref }) => {
    if (seen.has(ref)) return [`${show(ref)}: updated twice in one push`];
    seen.add(ref);
    return [];
  });
  return { lines, crowded: false };
}

interface Upstream {
  readonly head?: string;
  readonly refs: ReadonlyMap<string, string>;
  /** What the branches that are names for others stand for. */
  readonly aliases: ReadonlyMap<string, string>;
  /** True if the upstream names all of them. */
  readonly tellsAliases: boolean;
}

/** An alias has the id of what it stands for; so does a branch that was made there and has nothing of its own yet. */
function couldBeAlias({ refs, head }: Upstream, ref: string): boolean {
  const id = refs.get(ref);
  return (
    id !== undefined &&
    ref !== head &&
    [...refs].some(([other, theirs]) => theirs === id && other !== ref && refKind(other) === 'branch')
  );
}

/** Why the update is refused by what the upstream is at this moment. */
export function refusalsOfUpstream(policy: Policy, update: RefUpdate, upstream: Upstream, show: Show): string[] {
  const { ref, from, to } = update;
  const name = show(ref);
  if (upstream.refs.get(ref) !== from) return [`${name}: the upstream has changed, fetch and try again`];
  const alias = upstream.aliases.get(ref);
  // What is pushed to one moves the other, to which other rules may apply.
  if (alias !== undefined) return [`${name}: stands for ${show(alias)} at the upstream; push that one`];
  if (refKind(ref) !== 'branch') return [];
  if (!upstream.tellsAliases && couldBeAlias(upstream, ref)) {
    return [`${name}: could stand for another branch at the upstream, which does not say so; push a new branch`];
  }
  // Upstreams on a file system that ignores case would take one for the other.
  const isHead = upstream.head?.toLowerCase() === ref.toLowerCase();
  if (isHead && to === undefined) return [`${name}: is the upstream's HEAD branch and may not be deleted`];
  if (policy.branches !== undefined) return [];
  if (isHead) return [`${name}: is the upstream's HEAD branch; push another branch`];
  if (upstream.head === undefined) {
    return [`${name}: the upstream's HEAD names no branch, so the branches of ${policy.name} have to be declared`];
  }
  return [];
}
