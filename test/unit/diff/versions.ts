/** Versions of a bottle as a diff reads them, made of plans as synth makes them. */

import { createHash } from 'node:crypto';
import { deployRequirements } from '../../../lib/assembly/requirements.ts';
import { type BottleDiff, type BottleDocuments, diffBottle } from '../../../lib/diff/index.ts';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { renderBottle } from '../../../lib/render/index.ts';

/** What synth writes of `plan`. */
export function versionOf(plan: BottlePlan): BottleDocuments {
  const texts = Object.entries(renderBottle(plan));
  return {
    slug: plan.slug,
    manifest: {
      path: plan.path,
      files: Object.fromEntries(
        texts.map(([path, text]) => [path, createHash('sha256').update(text).digest('hex')] as const),
      ),
      daemons: plan.sidecars.daemons,
      shape: plan.sidecars.shape,
      overrides: [],
      requires: deployRequirements(plan),
    },
    files: new Map(texts.map(([path, text]) => [path, Buffer.from(text)])),
  };
}

/** `version` with the text of one file replaced. */
export function withFile(version: BottleDocuments, path: string, change: (text: string) => string): BottleDocuments {
  const text = version.files.get(path)?.toString() ?? '';
  return { ...version, files: new Map(version.files).set(path, Buffer.from(change(text))) };
}

export const diffPlans = (before: BottlePlan, after: BottlePlan): BottleDiff =>
  diffBottle(versionOf(before), versionOf(after));

const SIGN = { opens: '+', closes: '-', neither: '~' } as const;

/** `+ kind: text`, one line a change. */
export const linesOf = ({ changes }: Pick<BottleDiff, 'changes'>): readonly string[] =>
  changes.map(({ effect, kind, text }) => `${SIGN[effect]} ${kind}: ${text}`);
