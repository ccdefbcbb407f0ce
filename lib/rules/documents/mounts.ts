/** Mounts in the final document. Whatever a container mounts, the plan has to declare: there it is judged whole. */

import { AGENT_SERVICE, type MountPlan, quoted, type RenderedBottle, UNKNOWN_PROJECT } from '../../plan/index.ts';
import { fieldsOf } from '../../topology/compose-values.ts';
import { appView } from '../app-view.ts';
import { overlap } from '../container-paths.ts';
import type { DocumentBreach, DocumentRule } from '../document-rule.ts';
import { comparable, forbiddenSource } from '../host-paths.ts';
import { MOUNT_RULES } from '../mounts.ts';
import { type Changes, changesOf, type Entry, volumesOf } from './mount-entries.ts';
import { changedServices, type JudgedService, judgedServices, pointerTo, same } from './services.ts';

const shown = ({ kind, source, target }: Entry): string =>
  source === undefined ? `${kind} at ${quoted(target)}` : `${kind} of ${quoted(source)} at ${quoted(target)}`;

/** What of a mount differs, in words. */
function differences(now: Entry, was: Entry): string {
  const [a, b] = [fieldsOf(now.said), fieldsOf(was.said)];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !same(a[key], b[key]));
  return keys.length === 0 ? 'is another one' : `has another ${keys.map(quoted).join(', ')}`;
}

/** As a definition would have declared it. */
const mountPlan = ({ kind, source = '', target, writable }: Entry): MountPlan =>
  kind === 'bind'
    ? { kind: 'bind', source, target, readOnly: !writable }
    : kind === 'tmpfs'
      ? { kind: 'tmpfs', target }
      : { kind: 'volume', name: source, target };

const RESERVED = MOUNT_RULES.filter(({ id }) => id === 'bottles::mount-target-reserved');

/** Why `entry` covers something of ours, as the rule over plans says it. */
function shadowed({ plan }: RenderedBottle, isAgent: boolean, entry: Entry): string | undefined {
  const none = { agent: { ...plan.agent, mounts: [] }, sidecars: { ...plan.sidecars, mounts: [] } };
  const mounts = [mountPlan(entry)];
  const derived = isAgent
    ? { ...plan, ...none, agent: { ...none.agent, mounts } }
    : { ...plan, ...none, sidecars: { ...none.sidecars, mounts } };
  const view = appView([derived], UNKNOWN_PROJECT, new Map());
  for (const rule of RESERVED) for (const { message } of rule.check(derived, view)) return message;
  return undefined;
}

/** A rule over what overrides do to the mounts of each service. */
const overMounts = (
  rule: Omit<DocumentRule, 'severity' | 'check'>,
  judge: (changes: Changes, judged: JudgedService, bottle: RenderedBottle) => Iterable<DocumentBreach>,
): DocumentRule => ({
  ...rule,
  severity: 'error',
  *check(bottle) {
    for (const judged of changedServices(bottle)) yield* judge(changesOf(judged), judged, bottle);
  },
});

/** Whether two sources are one place of the host, or one contains the other. */
function sameSource(a: Entry, b: Entry): boolean {
  if (a.source === undefined || b.source === undefined || a.kind !== b.kind) return false;
  return a.kind === 'bind' ? overlap(comparable(a.source), comparable(b.source)) : a.source === b.source;
}

export const DOCUMENT_MOUNT_RULES: readonly DocumentRule[] = [
  overMounts(
    {
      id: 'bottles::mount-undeclared',
      what: 'a mount of an override',
      why: 'mounts are judged where they are declared: sources on the real host, targets, and what two containers share',
      fix: 'use `mounts` with Mount.bind, Mount.volume or Mount.tmpfs',
    },
    function* ({ added }, { name }) {
      for (const entry of added) {
        yield {
          pointer: entry.pointer,
          message: `a ${shown(entry)} of service ${quoted(name)} is not declared; allowed: what synth writes`,
        };
      }
    },
  ),
  overMounts(
    {
      id: 'bottles::mount-changed',
      what: 'a mount of the bottle that an override changes: source, mode, propagation, labels of SELinux',
      why: 'a policy that can be written is none, a shared propagation carries mounts of the host in, a relabel breaks the host',
      fix: 'remove the override; a mount of your own is changed in `mounts`',
    },
    function* ({ changed }, { name }) {
      for (const { now, was } of changed) {
        yield {
          pointer: now.pointer,
          message: `the mount at ${quoted(was.target)} of service ${quoted(name)} ${differences(now, was)}; allowed: what synth writes`,
        };
      }
    },
  ),
  overMounts(
    {
      id: 'bottles::mount-dropped',
      what: 'a mount of the bottle that an override takes away',
      why: 'a daemon without its policy, keys or queue does not run, and an agent without its own files has no trust and no clone',
      fix: 'remove the override; a mount of your own is removed from `mounts`',
    },
    function* ({ gone }, { name }) {
      for (const entry of gone) {
        yield {
          pointer: pointerTo('services', name, entry.list),
          message: `the ${shown(entry)} of service ${quoted(name)} is taken away; allowed: what synth writes`,
        };
      }
    },
  ),
  overMounts(
    {
      id: 'bottles::mount-shadows',
      what: 'a mount of an override over, or in, what the daemons, the agent or the engine need',
      why: 'it would replace the policy, the keys or the programs that contain the agent',
      fix: 'use `mounts` with another target, e.g. below /data or /srv',
    },
    function* ({ added }, judged, bottle) {
      for (const entry of added) {
        const problem = shadowed(bottle, judged.isAgent, entry);
        if (problem !== undefined) yield { pointer: entry.pointer, message: problem };
      }
    },
  ),
  overMounts(
    {
      id: 'bottles::mount-host',
      what: 'the container runtime, the root, the system, a home or a folder of credentials in a mount of an override',
      why: 'with any of these the agent is out of the bottle',
      fix: 'remove it; nothing of the kind can be mounted',
    },
    function* ({ added, changed }, { name }) {
      for (const { kind, source, writable, pointer } of [...added, ...changed.map(({ now }) => now)]) {
        const problem = kind === 'bind' && source !== undefined ? forbiddenSource(source, writable) : undefined;
        if (problem === undefined) continue;
        yield {
          pointer,
          message: `mount source ${quoted(source ?? '')} of service ${quoted(name)} ${problem}; allowed: directories that hold no such thing`,
        };
      }
    },
  ),
  {
    id: 'bottles::mount-shared',
    severity: 'error',
    what: 'one place in the agent and in a sidecar, writable in one of them',
    why: 'the agent could hand files to the daemons that contain it, or read what they hold',
    fix: 'give each its own',
    *check(bottle) {
      // What the definition declares itself is judged with the plan.
      if (bottle.compose === bottle.plain) return;
      const services = judgedServices(bottle).map(({ name, service }) => ({ name, entries: volumesOf(service, name) }));
      const agents = services.find(({ name }) => name === AGENT_SERVICE)?.entries ?? [];
      for (const { name, entries } of services) {
        if (name === AGENT_SERVICE) continue;
        for (const entry of entries) {
          const shared = agents.find((one) => sameSource(one, entry) && (one.writable || entry.writable));
          if (shared === undefined) continue;
          yield {
            pointer: shared.pointer,
            message: `${shown(shared)} of the agent is also in service ${quoted(name)}, at ${quoted(entry.target)}; allowed: one of them`,
          };
        }
      }
    },
  },
];
