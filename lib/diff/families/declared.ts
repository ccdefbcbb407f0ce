/** What the manifest alone says: it is for deploy, and no container sees it. */

import { BOTTLE_FILE } from '../../plan/index.ts';
import { type Comparison, changes, family, moved, type Part, type Said } from '../family.ts';
import { named } from '../shown.ts';
import { asText, type Entries, isEntries, MANIFEST, type Side, taken, takenFrom, within } from '../side.ts';

const requiresOf = (side: Side) => within(side.manifest, 'requires');

/** One value of the manifest, under one key. */
function valueFamily(
  kind: Said['kind'],
  take: (side: Side) => unknown,
  text: (before: unknown, after: unknown) => string,
): Comparison {
  return family<unknown>({
    kind,
    read: (side) => (side.exists ? new Map([[kind, { value: take(side), files: [MANIFEST] }]]) : new Map()),
    describe: (subject, before, after) => (before === after ? [] : [changes(kind, subject, text(before, after))]),
  });
}

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function workspaceWords(value: Entries | undefined): string {
  if (value === undefined) return 'none';
  const name = named(String(value['name']));
  if (value['kind'] === 'clone') return `a clone of ${name}`;
  const of = `${named(String(value['source']))} of the host, as ${name}`;
  return value['kind'] === 'copy' ? `a copy of ${of}` : `${of}${value['readOnly'] === true ? ', read-only' : ''}`;
}

/** What of the host a workspace gives the agent; a mounted one is told as the mount that it is. */
function workspaceOpenings(value: Entries | undefined): readonly string[] {
  if (value?.['kind'] !== 'copy') return [];
  return [`a copy of ${named(String(value['source']))} to the agent, as its workspace`];
}

const workspace = family<Entries>({
  kind: 'workspace',
  read: (side) => {
    const value = taken(requiresOf(side), 'workspace');
    return new Map(isEntries(value) ? [['workspace', { value, files: [MANIFEST, BOTTLE_FILE.compose] }]] : []);
  },
  describe: (subject, before, after) => {
    const words = (text: string): Omit<Said, 'effect'> => ({ kind: 'workspace', subject, text });
    const [old, now] = [workspaceWords(before), workspaceWords(after)];
    const [unguarded, guarded] = [before, after].map((value) => textsOf(value?.['protects']));
    // Of one that is read-only nothing was open, so protecting a part of it closes nothing.
    const isSameMount = [before, after].every((one) => one?.['kind'] === 'bind' && one['readOnly'] !== true);
    return [
      ...moved(workspaceOpenings(before), workspaceOpenings(after), words),
      // What protects is open where it is not.
      ...(isSameMount
        ? moved(guarded ?? [], unguarded ?? [], (pattern) => words(`writes to ${named(pattern)} in the workspace`))
        : []),
      ...(old === now ? [] : [changes('workspace', subject, `workspace: ${now}, was ${old}`)]),
    ];
  },
});

const engineWords = (value: unknown): string => (typeof value === 'string' ? named(value) : 'what the host chooses');

const engine = valueFamily(
  'engine',
  (side) => taken(requiresOf(side), 'scanner'),
  (before, after) => `in pipelock's slot: ${engineWords(after)}, was ${engineWords(before)}`,
);

const trustedCAs = family<true>({
  kind: 'trusted-ca',
  read: (side) => {
    const files = takenFrom(requiresOf(side), 'trustedCAs', asText);
    return new Map(files.map((file) => [file, { value: true, files: [MANIFEST] }]));
  },
  describe: (file, before, after) =>
    moved(before === undefined ? [] : [file], after === undefined ? [] : [file], (name) => ({
      kind: 'trusted-ca',
      subject: name,
      text: `upstreams whose certificates are of the CAs in ${named(name)}`,
    })),
});

const skills = family<string>({
  kind: 'skill',
  read: (side) => {
    const found = new Map<string, Part<string>>();
    takenFrom(requiresOf(side), 'skills', (one) => {
      const [name, source] = isEntries(one) ? [asText(one['name']), asText(one['source'])] : [];
      if (name === undefined || source === undefined || found.has(name)) return undefined;
      found.set(name, { value: source, files: [MANIFEST] });
      return name;
    });
    return found;
  },
  describe: (name, before, after) =>
    moved(before === undefined ? [] : [before], after === undefined ? [] : [after], (source) => ({
      kind: 'skill',
      subject: name,
      text: `a copy of ${named(source)} to the agent, as the skill ${named(name)}`,
    })),
});

/** What follows from what else is told: who needs a variable, where mounts are spelled, the digests of the files. */
const DERIVED = {
  manifest: ['files', 'shape'],
  requires: ['hostVariables', 'bindMounts', 'externalNetwork', 'agentTrusts'],
};

/** Takes the derived keys away, once everything that explains them has been read. */
export function withoutDerived(side: Side): void {
  for (const key of DERIVED.manifest) taken(side.manifest, key);
  for (const key of DERIVED.requires) taken(requiresOf(side), key);
}

export const declared: readonly Comparison[] = [workspace, engine, trustedCAs, skills];
