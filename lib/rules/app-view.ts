import {
  agentContainerName,
  type BottlePlan,
  type Locate,
  longAlias,
  type ProjectView,
  sidecarsContainerName,
} from '../plan/index.ts';
import { bindsOf } from './binds.ts';
import { byPlace } from './by-place.ts';
import { codePlaces, placeOf } from './project-paths.ts';
import type { AppView, IdentityFile, WritableBind } from './rule.ts';
import { subnetClashes } from './subnets.ts';

/** Names of `plan` that must be its alone on one engine. */
export function uniqueNames(plan: BottlePlan): readonly string[] {
  const { slug, sidecars } = plan;
  // Of both shapes: the environment flag may change the shape of one bottle under the names of another.
  const long = sidecars.daemons.map((daemon) => longAlias(daemon, slug));
  return [agentContainerName(slug), sidecarsContainerName(slug), ...long];
}

const writableBindsOf = (plan: BottlePlan): readonly WritableBind[] =>
  bindsOf(plan).flatMap(({ service, mount, workspace }) =>
    mount.readOnly ? [] : [{ slug: plan.slug, service, mount, part: workspace ?? mount }],
  );

const identityFilesOf = ({ sidecars: { gitGate } }: BottlePlan): readonly IdentityFile[] =>
  (gitGate?.remotes ?? []).flatMap(({ name, identityFile }) =>
    identityFile === '' ? [] : [{ remote: name, path: identityFile }],
  );

/** `locations` tell the files of the definition, and are read only if a rule asks for them: stacks are slow. */
export function appView(
  plans: readonly BottlePlan[],
  project: ProjectView,
  locations: ReadonlyMap<object, Locate>,
): AppView {
  const bySlug = new Map<string, BottlePlan[]>();
  const byName = new Map<string, BottlePlan[]>();
  const add = (map: Map<string, BottlePlan[]>, key: string, plan: BottlePlan): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [plan]);
    else known.push(plan);
  };
  for (const plan of plans) {
    add(bySlug, plan.slug, plan);
    for (const name of uniqueNames(plan)) {
      if (byName.get(name)?.some(({ slug }) => slug === plan.slug) !== true) add(byName, name, plan);
    }
  }
  let code: readonly string[] | undefined;
  const findCode = (): readonly string[] =>
    codePlaces(project, [...new Set([...locations.values()].flatMap((locate) => locate()?.file ?? []))]);
  return {
    bySlug,
    byName,
    project,
    writable: byPlace(plans.flatMap(writableBindsOf), ({ mount }) => placeOf(mount.source, project)),
    keys: byPlace(plans.flatMap(identityFilesOf), ({ path }) => placeOf(path, project)),
    subnetClashes: subnetClashes(plans),
    isLocated: (part) => locations.has(part),
    code: () => {
      code ??= findCode();
      return code;
    },
  };
}
