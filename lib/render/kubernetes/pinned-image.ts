/** Images of this target: by digest or by a tag that says which. A cluster pulls again whenever a pod moves. */

import type { BottlePlan, ImagePlan } from '../../plan/index.ts';
import type { KubernetesOptions } from './options.ts';

export type ImageOwner = 'agent' | 'sidecars';

const DIGEST = /@sha256:[a-f0-9]{64}$/;

const tagOf = (reference: string): string | undefined => /:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/.exec(reference)?.[1];

/** The reference of `owner`'s image: the one given, else the definition's own; undefined if deploy was to make it. */
export function imageReference(plan: BottlePlan, owner: ImageOwner, { images }: KubernetesOptions): string | undefined {
  const declared: ImagePlan = plan[owner].image;
  return images?.[owner] ?? (declared.kind === 'reference' ? declared.reference : undefined);
}

/** What is wrong with `reference` for this target, in words, or undefined. */
export function unpinned(reference: string | undefined, requireDigest: boolean): string | undefined {
  if (reference === undefined) return 'is built by deploy, and no reference was given for it';
  if (DIGEST.test(reference)) return undefined;
  if (/^sha256:/.test(reference)) return 'is the id of a local image, which no cluster can pull';
  const tag = tagOf(reference);
  if (tag === undefined) return 'has neither digest nor tag';
  if (tag.toLowerCase() === 'latest') return 'is tagged latest, which may be another image tomorrow';
  return requireDigest ? 'has no digest, and the app requires them' : undefined;
}
