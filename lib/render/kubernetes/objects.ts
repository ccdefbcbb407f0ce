/** Objects of the API as plain data, before cdk8s has made them. */

import type { BottlePlan } from '../../plan/index.ts';
import { LABEL } from '../../plan/index.ts';
import { type Component, contentDigest, objectAnnotations, objectLabels, type Texts } from './metadata.ts';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Texts;
    readonly annotations: Texts;
  };
  /** `spec`, `data` and the like. */
  readonly [field: string]: unknown;
}

/** What all objects of one bottle have in common. */
export interface ObjectContext {
  readonly plan: BottlePlan;
  readonly namespace: string;
}

export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly component: Component;
}

/** An object in the bottle's namespace, with our labels; `content` is everything but its metadata. */
export function namespaced(
  { plan, namespace }: ObjectContext,
  { apiVersion, kind, component }: ObjectKind,
  name: string,
  content: Readonly<Record<string, unknown>>,
): KubernetesObject {
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: objectLabels(plan, component),
      annotations: { ...objectAnnotations(plan), [LABEL.digest]: contentDigest(content) },
    },
    ...content,
  };
}
