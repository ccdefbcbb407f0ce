/** The overrides of a bottle, as `manifest.json` lists them for whoever reviews what is not said by properties. */

import { type BottlePlan, type OverridePlan, withoutCredentials } from '../plan/index.ts';

export interface OverrideRecord {
  /** The construct's; in the split shape, `sidecars` stands for the service of every daemon. */
  readonly service: 'agent' | 'sidecars';
  /** As of `addOverride`, `addDeletionOverride` and `addJsonPatch`. */
  readonly kind: OverridePlan['kind'];
  /** As spelled: of a patch, the pointers of its operations, each once. Never a value. */
  readonly paths: readonly string[];
}

function pathsOf(override: OverridePlan): readonly string[] {
  if (override.kind !== 'patch') return [override.path];
  const pointers = override.operations.flatMap(({ from, path }) => (from === undefined ? [path] : [from, path]));
  return [...new Set(pointers)];
}

/** In the order in which they are applied, the agent's first. */
export const overrideRecords = (plan: BottlePlan): readonly OverrideRecord[] =>
  (['agent', 'sidecars'] as const).flatMap((service) =>
    plan[service].overrides.map((override) => ({
      service,
      kind: override.kind,
      paths: pathsOf(override).map(withoutCredentials),
    })),
  );
