/** Mounts of the agent and of the bundle. */

import type { MountPlan } from '../bottle-plan.ts';
import type { DeclaredAddition, DeclaredValue } from '../declared.ts';
import { present } from './optional.ts';
import { declaredValue, fieldsOf, flag, list, neededText, text } from './shape.ts';
import type { Site } from './site.ts';

const EXAMPLE = "Mount.volume('cache', '/var/cache/app')";

function lowerMount(outer: Site, mount: DeclaredValue): MountPlan | undefined {
  const site = outer.at(mount.locate);
  const { given, form } = mount;
  const what = `Mount.${form}`;
  const target = neededText(site, `the target of ${what}`, given['target']);
  if (form === 'tmpfs') {
    const options = fieldsOf(site, `the options of ${what}`, given['options'], { allowed: ['size'] });
    const size = text(site, `\`size\` of ${what}`, options['size']);
    return target === undefined ? undefined : site.declared({ kind: 'tmpfs', target, ...present({ size }) });
  }
  if (form === 'volume') {
    const name = neededText(site, `the name of ${what}`, given['name']);
    return target === undefined || name === undefined ? undefined : site.declared({ kind: 'volume', name, target });
  }
  const source = neededText(site, `the source of ${what}`, given['source']);
  const options = fieldsOf(site, `the options of ${what}`, given['options'], { allowed: ['readOnly'] });
  const readOnly = flag(site, `\`readOnly\` of ${what}`, options['readOnly']) ?? true;
  if (target === undefined || source === undefined) return undefined;
  return site.declared({ kind: 'bind', source, target, readOnly });
}

export function lowerMounts(site: Site, props: unknown, added: readonly DeclaredAddition[] = []): readonly MountPlan[] {
  const declared = (list(site, '`mounts`', props, 'mounts') ?? []).map((value, index) =>
    declaredValue(site, `mounts[${index}]`, value, 'Mount', EXAMPLE),
  );
  const more = added.map(({ value, locate }) => declaredValue(site.at(locate), 'a mount', value, 'Mount', EXAMPLE));
  return [...declared, ...more].flatMap((mount) => {
    const plan = mount === undefined ? undefined : lowerMount(site, mount);
    return plan === undefined ? [] : [plan];
  });
}
