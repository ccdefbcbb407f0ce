/** Labels and annotations: whose an object is, and what it was when it was rendered. */

import { createHash } from 'node:crypto';
import { type BottlePlan, LABEL } from '../../plan/index.ts';
import { shortDigest } from './names.ts';
import { sorted } from './sorted.ts';

export type Texts = Readonly<Record<string, string>>;

/** `agent` and `sidecars` are pods; `bottle` is what belongs to both. */
export type Component = 'agent' | 'sidecars' | 'bottle';

/** A label's value (Kubernetes, "Labels and Selectors", "Syntax and character set"). */
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

/** `text` as a label's value; what it cannot hold, such as the slash of a package's scope, makes room for a digest. */
export function labelValue(text: string): string {
  if (LABEL_VALUE.test(text)) return text;
  const words = text.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const kept = words.slice(0, 50).replace(/[^A-Za-z0-9]+$/, '');
  return kept === '' ? shortDigest(text) : `${kept}-${shortDigest(text)}`;
}

/** What selects a pod of a bottle, and nothing else in a namespace that bottles share. */
export function selectorLabels(plan: BottlePlan, component: Component): Texts {
  return { [LABEL.slug]: plan.slug, 'app.kubernetes.io/component': component };
}

export function objectLabels(plan: BottlePlan, component: Component): Texts {
  return {
    'app.kubernetes.io/name': 'claude-bottle',
    'app.kubernetes.io/instance': plan.slug,
    'app.kubernetes.io/part-of': labelValue(plan.app),
    'app.kubernetes.io/managed-by': 'claude-bottle',
    [LABEL.app]: labelValue(plan.app),
    ...selectorLabels(plan, component),
  };
}

/** The definition's labels are annotations here, since labels can hold few characters; then ours. */
export function objectAnnotations(plan: BottlePlan): Texts {
  return { ...plan.labels, [LABEL.app]: plan.app };
}

/** Digest over what an object is, without its metadata: an edit by hand shows. */
export const contentDigest = (content: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(content)))
    .digest('hex');
