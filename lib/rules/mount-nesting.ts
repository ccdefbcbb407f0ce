/** Mounts within mounts of one container. */

import { posix } from 'node:path';
import { type BottlePlan, type MountPlan, quoted } from '../plan/index.ts';
import { canonicalPath } from './container-paths.ts';
import { mountBreach, mountsOf } from './mounts.ts';
import type { Rule } from './rule.ts';

/** The directories above an absolute path, the nearest first. */
function above(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === path ? [] : [parent, ...above(parent)];
}

/** What comes of a mount point in `outer`. */
const effect = (outer: MountPlan): string =>
  outer.kind === 'bind'
    ? outer.readOnly
      ? 'hides what lies there, and cannot be mounted at all where the read-only source has no such directory'
      : 'hides what lies there, and the engine makes the directory on the host, as root, where there is none'
    : 'hides what lies there';

/** The targets of one service's mounts, canonical. */
const targetsOf = (bottle: BottlePlan, service: string): ReadonlyMap<string, MountPlan> =>
  new Map(
    mountsOf(bottle).flatMap((declared) =>
      declared.service === service ? [[canonicalPath(declared.mount.target), declared.mount] as const] : [],
    ),
  );

export const MOUNT_NESTING_RULES: readonly Rule[] = [
  {
    id: 'bottles::mount-target-nested',
    severity: 'warning',
    what: 'a mount whose target lies in the target of another mount of the same container',
    why: 'it shadows a part of the outer one, and may change the source of it',
    fix: 'mount them beside each other, or acknowledge it if the outer one is to be hidden there',
    *check(bottle) {
      for (const service of ['the agent', 'the bundle']) {
        const targets = targetsOf(bottle, service);
        for (const declared of mountsOf(bottle)) {
          const { target } = declared.mount;
          if (declared.service !== service || !target.startsWith('/')) continue;
          const outer = above(canonicalPath(target)).find((directory) => targets.has(directory));
          const mount = outer === undefined ? undefined : targets.get(outer);
          if (mount === undefined) continue;
          yield mountBreach(
            declared,
            `mount target ${quoted(target)} of ${service} lies in ${quoted(mount.target)}: it ${effect(mount)}`,
          );
        }
      }
    },
  },
];
