/** Where mounts go: targets and volumes. (What they come from: mount-sources.ts.) */

import {
  AGENT_DIR,
  AGENT_HOME,
  type BottlePlan,
  CLAUDE_SKILLS_DIR,
  CONFIG_DIR,
  type MountPlan,
  quoted,
  WORKSPACE_DIR,
  WORKSPACE_SNAPSHOT_DIR,
  type WorkspacePlan,
  workspaceDirectory,
} from '../plan/index.ts';
import { canonicalPath, isWithin, overlap } from './container-paths.ts';
import type { Breach, Rule } from './rule.ts';

export interface DeclaredMount {
  readonly service: 'the agent' | 'the bundle';
  readonly path: string;
  readonly mount: MountPlan;
  /** A workspace, which is mounted or copied as this mount says. */
  readonly workspace?: WorkspacePlan;
}

export function mountsOf({ agent, sidecars }: BottlePlan): readonly DeclaredMount[] {
  return [
    ...agent.mounts.map((mount) => ({ service: 'the agent', path: agent.path, mount }) as const),
    ...sidecars.mounts.map((mount) => ({ service: 'the bundle', path: sidecars.path, mount }) as const),
  ];
}

export const mountBreach = ({ path, mount, workspace }: DeclaredMount, message: string): Breach => ({
  path,
  part: workspace ?? mount,
  message,
});

/** What the kernel, the engine and every program need; no mount may be there, above or below. */
const SYSTEM = ['/proc', '/sys', '/dev', '/run'];
const ENGINE_FILES = ['/etc/resolv.conf', '/etc/hosts', '/etc/hostname'];

/** Where the bundle's programs, configuration and secrets are; a mount of one's own finds room at /mnt, /srv, /data. */
const BUNDLE_TREES = [...SYSTEM, '/etc', '/usr', '/opt', '/home', '/root', '/git', '/tmp', '/pipelock', '/var/tmp'];

/** Targets of the agent that are ours: nothing may be there, above or below. */
function agentTrees({ agent: { workspace, skills } }: BottlePlan): readonly string[] {
  const clone = workspace === undefined ? [] : [workspaceDirectory(workspace), WORKSPACE_SNAPSHOT_DIR];
  return [...SYSTEM, ...ENGINE_FILES, AGENT_DIR, ...(skills.length === 0 ? [] : [CLAUDE_SKILLS_DIR]), ...clone];
}

/** Directories of the agent in which a mount has room, but not over them. */
const AGENT_PLACES = [AGENT_HOME, WORKSPACE_DIR, '/tmp', '/etc/ssl/certs', '/etc', '/usr', '/usr/bin', '/usr/lib'];

/** Why the target is not free, or undefined. */
function taken(bottle: BottlePlan, { service, mount }: DeclaredMount): string | undefined {
  const target = canonicalPath(mount.target);
  if (target === '/') return 'the root file system';
  if (service === 'the bundle') {
    const config = Object.values(CONFIG_DIR).find((directory) => isWithin(target, directory));
    if (config !== undefined) return `${config}, which is mounted as a directory so that its files can be reloaded`;
    return BUNDLE_TREES.find((tree) => overlap(target, tree));
  }
  return (
    agentTrees(bottle).find((tree) => overlap(target, tree)) ?? AGENT_PLACES.find((place) => isWithin(place, target))
  );
}

const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

export const MOUNT_RULES: readonly Rule[] = [
  {
    id: 'bottles::mount-target-absolute',
    severity: 'error',
    what: 'a mount target that is no absolute path, or holds a control character, a colon or a dollar sign',
    why: 'the engine refuses it, or compose and the shell read it as something else',
    fix: "write e.g. '/data'",
    *check(bottle) {
      for (const declared of mountsOf(bottle)) {
        const { target } = declared.mount;
        if (target.startsWith('/') && !/[:$\p{Cc}]/u.test(target)) continue;
        yield mountBreach(
          declared,
          `mount target ${quoted(target)} of ${declared.service}; allowed: an absolute path without colon, dollar sign and control characters`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-target-unique',
    severity: 'error',
    what: 'two mounts at one target, however it is spelled',
    why: 'one of them would hide the other, and which one depends on the engine',
    fix: 'give one of them another target',
    *check(bottle) {
      const seen = new Map<string, string>();
      for (const declared of mountsOf(bottle)) {
        const { target } = declared.mount;
        const key = `${declared.service} ${canonicalPath(target)}`;
        const first = seen.get(key);
        if (first !== undefined) {
          yield mountBreach(
            declared,
            `mount target ${quoted(target)} of ${declared.service} is the same place as ${quoted(first)}; allowed: one mount at a place`,
          );
        }
        seen.set(key, first ?? target);
      }
    },
  },
  {
    id: 'bottles::mount-target-reserved',
    severity: 'error',
    what: 'a mount over, or in, what the daemons, the agent or the engine need',
    why: 'it would replace the policy, the keys or the programs that contain the agent',
    fix: 'choose another target, e.g. below /data or /srv',
    *check(bottle) {
      for (const declared of mountsOf(bottle)) {
        if (!declared.mount.target.startsWith('/')) continue;
        const place = taken(bottle, declared);
        if (place === undefined) continue;
        yield mountBreach(
          declared,
          `mount target ${quoted(declared.mount.target)} of ${declared.service} covers or lies in ${place}; allowed: places that the bottle does not use`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-volume-name',
    severity: 'error',
    what: 'a volume name that the engine refuses',
    why: 'deploy would fail',
    fix: 'use letters, digits, and inner underscores, dots and hyphens',
    *check(bottle) {
      for (const declared of mountsOf(bottle)) {
        const { mount } = declared;
        if (mount.kind !== 'volume' || VOLUME_NAME.test(mount.name)) continue;
        yield mountBreach(
          declared,
          `volume name ${quoted(mount.name)}; allowed: letters, digits, '_', '.' and '-', at most 64 characters`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-volume-shared',
    severity: 'error',
    what: 'one volume in both the agent and the bundle',
    why: 'the agent could hand files to the daemons that contain it',
    fix: 'give each its own volume',
    *check(bottle) {
      const agents = new Set(bottle.agent.mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.name] : [])));
      for (const declared of mountsOf(bottle)) {
        const { mount, service } = declared;
        if (service === 'the agent' || mount.kind !== 'volume' || !agents.has(mount.name)) continue;
        yield mountBreach(
          declared,
          `volume ${quoted(mount.name)} is in the agent and in the bundle; allowed: one of them`,
        );
      }
    },
  },
];
