/** The escape hatches: what they were given is judged here, whether it fits the rendered service when it is applied. */

import type { JsonPatchOperation, OverridePlan } from '../bottle-plan.ts';
import type { DeclaredOverride } from '../declared.ts';
import { dottedKeys, isInheritedName, pointerKeys } from '../override-paths.ts';
import { isRecord } from '../record.ts';
import { listed, nearest, quoted, typeName } from '../shown.ts';
import { plainDataProblem } from './plain-data.ts';
import { SHAPE_RULES, type Site } from './site.ts';

/** Rising force (contract of the escape hatches): a stronger one is applied later, whenever it was called. */
const FORCE = { set: 0, delete: 1, patch: 2 } as const;

/** Members of each operation besides `op` and `path` (RFC 6902 §4). */
const MEMBERS = {
  add: ['value'],
  remove: [],
  replace: ['value'],
  move: ['from'],
  copy: ['from'],
  test: ['value'],
} as const satisfies Readonly<Record<JsonPatchOperation['op'], readonly ('value' | 'from')[]>>;

const OPS = Object.keys(MEMBERS);

const isOp = (op: unknown): op is JsonPatchOperation['op'] => typeof op === 'string' && Object.hasOwn(MEMBERS, op);

function refuse(site: Site, message: string, fix: string): undefined {
  site.report(SHAPE_RULES.override, message, fix);
  return undefined;
}

function ownName(site: Site, what: string, keys: readonly string[]): boolean {
  const name = keys.find(isInheritedName);
  if (name === undefined) return false;
  refuse(
    site,
    `${what} names ${quoted(name)}, which is JavaScript's own; allowed: keys of the rendered service`,
    `remove ${quoted(name)} from the path`,
  );
  return true;
}

const DOTTED = "keys of the rendered service in dots, such as 'ulimits.nofile', with `\\.` for a dot in a key";

function lowerPath(site: Site, call: string, path: unknown): string | undefined {
  const fix = `write the path as in ${call}('ulimits.nofile')`;
  if (typeof path !== 'string') {
    return refuse(site, `the path of ${call} is ${typeName(path)}; allowed: ${DOTTED}`, fix);
  }
  const keys = dottedKeys(path);
  if (keys === undefined) {
    return refuse(site, `the path ${quoted(path)} of ${call} is malformed; allowed: ${DOTTED}`, fix);
  }
  return ownName(site, `the path ${quoted(path)} of ${call}`, keys) ? undefined : path;
}

function isPlain(site: Site, what: string, value: unknown): boolean {
  const problem = plainDataProblem(value);
  if (problem === undefined) return true;
  refuse(site, `${what} is or holds ${problem}`, 'give plain data, as it would stand in a compose file');
  return false;
}

function lowerSet(site: Site, declared: DeclaredOverride & { readonly kind: 'set' }): OverridePlan | undefined {
  const path = lowerPath(site, 'addOverride', declared.path);
  const what = path === undefined ? 'the value of addOverride' : `the value of addOverride(${quoted(path)}, …)`;
  if (declared.value === undefined) {
    return refuse(site, `${what} is undefined; allowed: plain data`, 'to remove a key, call addDeletionOverride(path)');
  }
  if (!isPlain(site, what, declared.value) || path === undefined) return undefined;
  return site.declared({ kind: 'set', path, value: declared.value });
}

function lowerDeletion(site: Site, declared: DeclaredOverride & { readonly kind: 'delete' }): OverridePlan | undefined {
  const path = lowerPath(site, 'addDeletionOverride', declared.path);
  return path === undefined ? undefined : site.declared({ kind: 'delete', path });
}

const POINTER = "a JSON pointer into the rendered service, such as '/ulimits/nofile' (RFC 6901)";

function lowerPointer(site: Site, what: string, pointer: unknown): string | undefined {
  const fix = "write it as in { op: 'remove', path: '/ulimits' }";
  if (typeof pointer !== 'string') return refuse(site, `${what} is ${typeName(pointer)}; allowed: ${POINTER}`, fix);
  const keys = pointerKeys(pointer);
  if (keys === undefined) return refuse(site, `${what} is ${quoted(pointer)}; allowed: ${POINTER}`, fix);
  if (keys.length === 0) return refuse(site, `${what} is the whole service; allowed: ${POINTER}`, fix);
  return ownName(site, what, keys) ? undefined : pointer;
}

function unknownMembers(site: Site, what: string, operation: Readonly<Record<string, unknown>>, op: string): boolean {
  const allowed = ['op', 'path', ...MEMBERS[op as keyof typeof MEMBERS]];
  const unknown = Object.keys(operation).find((key) => operation[key] !== undefined && !allowed.includes(key));
  if (unknown === undefined) return false;
  const meant = nearest(unknown, allowed);
  refuse(
    site,
    `${what} has the member ${quoted(unknown)}; allowed for ${quoted(op)}: ${listed(allowed)}`,
    meant === undefined ? `remove ${quoted(unknown)}` : `write ${quoted(meant)}, or remove ${quoted(unknown)}`,
  );
  return true;
}

function lowerOperation(site: Site, what: string, operation: unknown): JsonPatchOperation | undefined {
  if (!isRecord(operation)) {
    return refuse(
      site,
      `${what} is ${typeName(operation)}; allowed: objects such as { op: 'remove', path: '/ulimits' }`,
      'give each operation as an argument of its own: addJsonPatch({ … }, { … })',
    );
  }
  const { op, value } = operation;
  if (!isOp(op)) {
    const shown = typeof op === 'string' ? quoted(op) : typeName(op);
    return refuse(site, `\`op\` of ${what} is ${shown}; allowed: ${listed(OPS)}`, `write ${listed(OPS)} (RFC 6902)`);
  }
  const path = lowerPointer(site, `\`path\` of ${what}`, operation['path']);
  if (unknownMembers(site, what, operation, op) || path === undefined) return undefined;
  if (op === 'remove') return { op, path };
  if (op === 'move' || op === 'copy') {
    const from = lowerPointer(site, `\`from\` of ${what}`, operation['from']);
    if (from === undefined) return undefined;
    if (op === 'copy' || !path.startsWith(`${from}/`)) return { op, path, from };
    return refuse(site, `${what} moves ${quoted(from)} into itself`, 'name another `path`');
  }
  if (value === undefined) {
    return refuse(site, `${what} has no \`value\`; allowed: plain data, null too`, 'give `value`');
  }
  return isPlain(site, `\`value\` of ${what}`, value) ? { op, path, value } : undefined;
}

function lowerPatch(site: Site, declared: DeclaredOverride & { readonly kind: 'patch' }): OverridePlan | undefined {
  const operations = declared.operations.map((operation, index) =>
    lowerOperation(site, `operation ${index + 1} of addJsonPatch`, operation),
  );
  const whole = operations.filter((operation) => operation !== undefined);
  // All or none: without one of its operations it is another patch. An empty one says nothing.
  if (whole.length === 0 || whole.length < operations.length) return undefined;
  return site.declared({ kind: 'patch', operations: whole });
}

function lowerOverride(site: Site, declared: DeclaredOverride): OverridePlan | undefined {
  switch (declared.kind) {
    case 'set':
      return lowerSet(site, declared);
    case 'delete':
      return lowerDeletion(site, declared);
    case 'patch':
      return lowerPatch(site, declared);
  }
}

/** The overrides of a service in the order in which they are applied; what cannot be read is reported and left out. */
export function lowerOverrides(site: Site, declared: readonly DeclaredOverride[]): readonly OverridePlan[] {
  return declared
    .flatMap((override) => lowerOverride(site.at(override.locate), override) ?? [])
    .sort((a, b) => FORCE[a.kind] - FORCE[b.kind]);
}
