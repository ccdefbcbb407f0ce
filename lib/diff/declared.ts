/** What the manifest alone says: it is for deploy, and no container sees it. */

import { DAEMONS_VARIABLE } from '../plan/index.ts';
import { type Comparison, changes, family, moved, type Part, type Said } from './facets.ts';
import { servicesOf } from './services.ts';
import { named, nowAndThen } from './shown.ts';
import { asText, type Entries, FILE, isEntries, MANIFEST, type Side, taken, takenFrom, within } from './side.ts';

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
    return new Map(isEntries(value) ? [['workspace', { value, files: [MANIFEST, FILE.compose] }]] : []);
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

const FOR: Readonly<Record<string, string>> = {
  egress: "the agent's HTTPS proxy, with rules of hosts, methods and paths",
  pipelock: 'the last hop, with the content scan',
  'git-gate': 'the way to git remotes',
  supervise: 'by which the agent asks the operator for more',
};

/** Whose going and coming explains that of their files. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  egress: [FILE.routes],
  pipelock: [FILE.pipelock],
  'git-gate': [FILE.gitGate, FILE.knownHosts],
  supervise: [FILE.supervise],
};

const SELECTION = `${DAEMONS_VARIABLE}=`;
const SETTINGS: Readonly<Record<string, string>> = { EGRESS_UPSTREAM_: 'egress', SUPERVISE_: 'supervise' };

/** The daemons, by the manifest and by what tells each service which of them it runs. */
const daemons = family<readonly string[]>({
  kind: 'daemon',
  read: (side) => {
    const found = new Map<string, string[]>();
    const note = (daemon: string, text: string): void => void found.set(daemon, [...(found.get(daemon) ?? []), text]);
    const declared = taken(side.manifest, 'daemons');
    for (const daemon of Array.isArray(declared) ? declared : []) note(String(daemon), 'declared');
    for (const [service, entries] of servicesOf(side)) {
      takenFrom(entries, 'environment', (entry) => {
        const text = asText(entry) ?? '';
        const [prefix] = Object.keys(SETTINGS).filter((name) => text.startsWith(name));
        if (text.startsWith(SELECTION)) {
          for (const daemon of text.slice(SELECTION.length).split(',')) note(daemon, `in ${service}`);
        } else if (prefix !== undefined && service !== 'agent') note(SETTINGS[prefix] ?? '', text);
        else return undefined;
        return text;
      });
    }
    return new Map(
      [...found].map(([name, value]) => [
        name,
        { value: value.sort(), files: [FILE.compose, MANIFEST, ...(FILES[name] ?? [])] },
      ]),
    );
  },
  describe: (daemon, before, after) => {
    const job = FOR[daemon];
    const what = `daemon ${named(daemon)}${job === undefined ? ', which no bottle has' : ` (${job})`}`;
    if (before === undefined || after === undefined) {
      return [changes('daemon', daemon, `${what} ${after === undefined ? 'removed' : 'added'}`)];
    }
    return [changes('daemon', daemon, `${what}: ${nowAndThen(daemon, before, after)}`)];
  },
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

export const declared: readonly Comparison[] = [workspace, engine, trustedCAs, skills, daemons];
