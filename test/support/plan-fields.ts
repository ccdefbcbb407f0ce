/** Every field that a plan can have, which the type checker keeps complete, and those that generated plans have. */

import type { BottlePlan } from '../../lib/plan/index.ts';

/** Keys of every member of a union. */
type KeysOf<T> = T extends unknown ? Extract<keyof T, string> : never;
type At<T, K extends string> = T extends unknown ? (K extends keyof T ? NonNullable<T[K]> : never) : never;
/** Lists are their entries; records of any name, and what overrides hold, have no fields. */
type Entry<T> = T extends readonly (infer One)[] ? One : T;
type IsRecord<T> = string extends KeysOf<T> ? true : false;
type Below<T> = [T] extends [object] ? (IsRecord<T> extends true ? never : FieldOf<T>) : never;

/** Dotted path of a field of `T`. */
export type FieldOf<T> = {
  [K in KeysOf<T>]: K | (K extends 'overrides' ? never : `${K}.${Below<Entry<At<T, K>>>}`);
}[KeysOf<T>];

type PlanField = FieldOf<BottlePlan>;

const isHolder = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The dotted paths of all fields that `value` has. */
export function fieldsIn(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => fieldsIn(one, at));
  if (!isHolder(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const path = at === '' ? key : `${at}.${key}`;
    return [path, ...(RECORDS.has(path) ? [] : fieldsIn(one, path))];
  });
}

/** Fields whose own keys are the definition's. */
const RECORDS: ReadonlySet<string> = new Set([
  'labels',
  'agent.image.args',
  'sidecars.image.args',
  'agent.overrides',
  'sidecars.overrides',
]);

/** A field that the plan gets is one of these, and has to be generated and read back. */
const FIELDS: Readonly<Record<PlanField, true>> = {
  agent: true,
  'agent.command': true,
  'agent.env': true,
  'agent.env.from': true,
  'agent.env.kind': true,
  'agent.env.name': true,
  'agent.env.question': true,
  'agent.env.value': true,
  'agent.image': true,
  'agent.image.args': true,
  'agent.image.context': true,
  'agent.image.dockerfile': true,
  'agent.image.kind': true,
  'agent.image.reference': true,
  'agent.image.version': true,
  'agent.mounts': true,
  'agent.mounts.kind': true,
  'agent.mounts.name': true,
  'agent.mounts.readOnly': true,
  'agent.mounts.size': true,
  'agent.mounts.source': true,
  'agent.mounts.target': true,
  'agent.overrides': true,
  'agent.path': true,
  'agent.prompt': true,
  'agent.readOnlyRoot': true,
  'agent.resources': true,
  'agent.resources.cpus': true,
  'agent.resources.memory': true,
  'agent.resources.pids': true,
  'agent.runtime': true,
  'agent.skills': true,
  'agent.skills.name': true,
  'agent.skills.source': true,
  'agent.user': true,
  'agent.workspace': true,
  'agent.workspace.hostPath': true,
  'agent.workspace.kind': true,
  'agent.workspace.readOnly': true,
  'agent.workspace.remote': true,
  app: true,
  labels: true,
  path: true,
  sidecars: true,
  'sidecars.daemons': true,
  'sidecars.egress': true,
  'sidecars.egress.path': true,
  'sidecars.egress.routes': true,
  'sidecars.egress.routes.auth': true,
  'sidecars.egress.routes.auth.from': true,
  'sidecars.egress.routes.auth.header': true,
  'sidecars.egress.routes.auth.scheme': true,
  'sidecars.egress.routes.auth.slot': true,
  'sidecars.egress.routes.auth.user': true,
  'sidecars.egress.routes.host': true,
  'sidecars.egress.routes.methods': true,
  'sidecars.egress.routes.pathPrefixes': true,
  'sidecars.egress.routes.ports': true,
  'sidecars.egress.routes.privateUpstream': true,
  'sidecars.egress.routes.tlsPassthrough': true,
  'sidecars.egress.routes.webSocket': true,
  'sidecars.egress.tokens': true,
  'sidecars.egressNetwork': true,
  'sidecars.egressNetwork.kind': true,
  'sidecars.egressNetwork.name': true,
  'sidecars.egressNetwork.subnet': true,
  'sidecars.env': true,
  'sidecars.env.from': true,
  'sidecars.env.kind': true,
  'sidecars.env.name': true,
  'sidecars.env.question': true,
  'sidecars.env.value': true,
  'sidecars.gitGate': true,
  'sidecars.gitGate.path': true,
  'sidecars.gitGate.remotes': true,
  'sidecars.gitGate.remotes.access': true,
  'sidecars.gitGate.remotes.allow': true,
  'sidecars.gitGate.remotes.allow.delete': true,
  'sidecars.gitGate.remotes.allow.force': true,
  'sidecars.gitGate.remotes.allow.tags': true,
  'sidecars.gitGate.remotes.branches': true,
  'sidecars.gitGate.remotes.identityFile': true,
  'sidecars.gitGate.remotes.knownHostKey': true,
  'sidecars.gitGate.remotes.name': true,
  'sidecars.gitGate.remotes.protectedPaths': true,
  'sidecars.gitGate.remotes.url': true,
  'sidecars.image': true,
  'sidecars.image.args': true,
  'sidecars.image.context': true,
  'sidecars.image.dockerfile': true,
  'sidecars.image.kind': true,
  'sidecars.image.reference': true,
  'sidecars.mounts': true,
  'sidecars.mounts.kind': true,
  'sidecars.mounts.name': true,
  'sidecars.mounts.readOnly': true,
  'sidecars.mounts.source': true,
  'sidecars.mounts.target': true,
  'sidecars.overrides': true,
  'sidecars.path': true,
  'sidecars.pipelock': true,
  'sidecars.pipelock.allow': true,
  'sidecars.pipelock.engine': true,
  'sidecars.pipelock.exposed': true,
  'sidecars.pipelock.maxBodyBytes': true,
  'sidecars.pipelock.maxResponseBytes': true,
  'sidecars.pipelock.path': true,
  'sidecars.resources': true,
  'sidecars.resources.cpus': true,
  'sidecars.resources.memory': true,
  'sidecars.resources.pids': true,
  'sidecars.shape': true,
  'sidecars.supervise': true,
  'sidecars.supervise.deadlineSeconds': true,
  'sidecars.supervise.path': true,
  'sidecars.trustedCAs': true,
  slug: true,
  requireDigests: true,
  'sidecars.image.version': true,
  'sidecars.mounts.size': true,
};

/** Those that no valid plan has, each with the reason. */
export const NEVER_VALID: Readonly<Record<string, string>> = {
  'sidecars.image.version': 'an image of Claude Code is no image of sidecars, and refused there',
};

export const PLAN_FIELDS: readonly string[] = Object.keys(FIELDS);
