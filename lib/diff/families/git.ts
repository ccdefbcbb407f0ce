/** Git remotes: what the agent may fetch and push, with which key, and which host keys are believed. */

import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { BOTTLE_FILE } from '../../plan/index.ts';
import { type Comparison, changes, closes, family, moved, opens, type Part, type Said } from '../family.ts';
import { named, namesOf } from '../shown.ts';
import { asText, type Entries, isEntries, MANIFEST, type Side, takenFrom, within } from '../side.ts';

interface Remote {
  readonly url: string;
  readonly mayPush: boolean;
  /** Undefined: any but the upstream's HEAD branch. */
  readonly branches: readonly string[] | undefined;
  readonly protectedPaths: readonly string[];
  readonly allow: Readonly<Record<string, unknown>>;
  readonly identityFile: string | undefined;
  /** Keys that say nothing of what is open: the path of the key in the bundle, and what this version does not know. */
  readonly more: Entries;
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

function remoteOf(entry: Entries, identityFile: string | undefined): Remote {
  const { name: _name, url, access, branches, protectedPaths, allow, ...more } = entry;
  return {
    url: String(url),
    mayPush: access === 'push',
    branches: branches === undefined ? undefined : texts(branches),
    protectedPaths: texts(protectedPaths),
    allow: isEntries(allow) ? allow : {},
    identityFile,
    more: { ...more, ...(access === 'push' || access === 'read' ? {} : { access }) },
  };
}

function read(side: Side): ReadonlyMap<string, Part<Remote>> {
  const identities = takenFrom(within(side.manifest, 'requires'), 'identityFiles', (entry) =>
    isEntries(entry) ? entry : undefined,
  );
  const fileOf = (name: string): string | undefined =>
    asText(identities.find(({ remote }) => remote === name)?.['path']);
  const found = new Map<string, Part<Remote>>();
  takenFrom(side.documents[BOTTLE_FILE.gitGate] ?? {}, 'remotes', (entry) => {
    const name = isEntries(entry) ? asText(entry['name']) : undefined;
    if (!isEntries(entry) || name === undefined || found.has(name)) return undefined;
    found.set(name, { value: remoteOf(entry, fileOf(name)), files: [BOTTLE_FILE.gitGate, MANIFEST] });
    return name;
  });
  return found;
}

const branchWords = (branches: readonly string[] | undefined): readonly string[] =>
  branches === undefined ? ["any branch but the upstream's HEAD"] : branches.map((one) => `branches ${named(one)}`);

const ALLOWED: Readonly<Record<string, string>> = {
  force: 'forced pushes',
  delete: 'deletion of branches',
  tags: 'tags',
};

const allowWords = (allow: Remote['allow']): readonly string[] =>
  Object.entries(allow).flatMap(([name, value]) => (value === true ? [ALLOWED[name] ?? named(name)] : []));

const key = ({ identityFile }: Remote): string =>
  identityFile === undefined ? '' : ` with key ${named(identityFile)}`;

/** All that a remote allows, in one line. */
function whole(name: string, remote: Remote): string {
  const url = `${named(remote.url)} (remote ${named(name)})`;
  if (!remote.mayPush) return `fetch from ${url}${key(remote)}`;
  const pushes = [...branchWords(remote.branches), ...allowWords(remote.allow)];
  const guard = remote.protectedPaths.length === 0 ? 'any path' : `any path but ${namesOf(remote.protectedPaths)}`;
  return `fetch from and push to ${url}${key(remote)}: ${pushes.join(', ')}; ${guard}`;
}

function pushChanges(name: string, before: Remote, after: Remote): readonly Said[] {
  const push = (what: string): Omit<Said, 'effect'> => ({
    kind: 'git-push',
    subject: name,
    text: `push to ${named(after.url)}: ${what}`,
  });
  if (before.mayPush !== after.mayPush) {
    const { text, kind } = push(namesOf([...branchWords((after.mayPush ? after : before).branches)]));
    return [after.mayPush ? opens(kind, name, text) : closes(kind, name, text)];
  }
  // What protects is open where it is not.
  const guarded = moved(after.protectedPaths, before.protectedPaths, (path) => push(`changes to ${named(path)}`));
  return [
    ...moved(branchWords(before.branches), branchWords(after.branches), push),
    ...guarded,
    ...moved(allowWords(before.allow), allowWords(after.allow), push),
  ];
}

function describe(name: string, before: Remote | undefined, after: Remote | undefined): readonly Said[] {
  const one = (remote: Remote | undefined): readonly string[] => (remote === undefined ? [] : [whole(name, remote)]);
  if (before === undefined || after === undefined || before.url !== after.url) {
    return moved(one(before), one(after), (text) => ({ kind: 'git-remote', subject: name, text }));
  }
  const identity = moved([before.identityFile], [after.identityFile], (file) => ({
    kind: 'git-identity',
    subject: name,
    text: `${named(after.url)} with key ${named(file ?? 'none')}`,
  }));
  const more = isDeepStrictEqual(before.more, after.more)
    ? []
    : [
        changes(
          'git-remote',
          name,
          `remote ${named(name)}: ${Object.keys({ ...before.more, ...after.more })
            .map(named)
            .join(', ')} changed`,
        ),
      ];
  return [...pushChanges(name, before, after), ...identity, ...more];
}

const remotes = family<Remote>({ kind: 'git-remote', read, describe });

/** As `ssh-keygen -l` shows it. */
function fingerprint(keyText: string): string {
  const [type = '', blob = ''] = keyText.split(' ');
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '');
  return `${named(type)} SHA256:${digest}`;
}

const hostKeys = family<readonly string[]>({
  kind: 'host-key',
  read: (side) => {
    const found = new Map<string, Part<readonly string[]>>();
    const text = side.texts.get(BOTTLE_FILE.knownHosts) ?? '';
    for (const line of text.split('\n').filter((one) => one !== '')) {
      const [host = '', ...rest] = line.split(' ');
      const value = [...(found.get(host)?.value ?? []), rest.join(' ')];
      found.set(host, { value, files: [BOTTLE_FILE.knownHosts] });
    }
    side.texts.delete(BOTTLE_FILE.knownHosts);
    return found;
  },
  describe: (host, before, after) => {
    const shown = (keys: readonly string[] | undefined): string => keys?.map(fingerprint).join(', ') ?? 'none';
    return [changes('host-key', host, `host key of ${named(host)}: ${shown(after)}, was ${shown(before)}`)];
  },
});

export const git: readonly Comparison[] = [remotes, hostKeys];
