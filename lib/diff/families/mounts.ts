/** What of the host, and which volumes, the services see, and where they may write. */

import { isDeepStrictEqual } from 'node:util';
import {
  BOTTLE_FILE,
  EVENTS_DIR,
  PRIVATE_DIR,
  PROJECT_DIR_VARIABLE,
  plainText,
  projectName,
  SUPERVISE_QUEUE_DIR,
} from '../../plan/index.ts';
import { type Comparison, changes, closes, family, moved, opens, type Part, type Said } from '../family.ts';
import { composeOf, servicesOf, theService } from '../services.ts';
import { named, namesOf } from '../shown.ts';
import { asText, type Entries, isEntries, type Side, taken, takenFrom, within } from '../side.ts';

interface Mount {
  readonly service: string;
  readonly type: string;
  readonly source: string | undefined;
  readonly target: string;
  readonly readOnly: boolean;
  /** Every other key of its entry. */
  readonly more: Entries;
}

function mountOf(service: string, entry: unknown): Mount | undefined {
  if (!isEntries(entry)) return undefined;
  const { type, source, target, read_only: readOnly, ...more } = entry;
  const isKnown = [undefined, true, false].includes(readOnly as boolean | undefined);
  const [kind, at, from] = [asText(type), asText(target), asText(source)];
  if (kind === undefined || at === undefined || !isKnown || from !== source) return undefined;
  return { service, type: kind, source: from, target: at, readOnly: readOnly === true, more };
}

/** Below which a definition's relative paths lie; only deploy knows where that is. */
const PROJECT = `\${${PROJECT_DIR_VARIABLE}:?}/`;

function sourceWords({ source = '' }: Mount): string {
  const spelled = source.startsWith(PROJECT) ? `./${source.slice(PROJECT.length)}` : source;
  return named(plainText(spelled));
}

/** As synth renders what a bottle mounts of its own state directory. */
const isOwn = ({ type, source = '', target, readOnly, more }: Mount): boolean =>
  type === 'bind' &&
  source.startsWith('./') &&
  (readOnly || target === SUPERVISE_QUEUE_DIR || target === EVENTS_DIR) &&
  isDeepStrictEqual(more, { bind: { create_host_path: false } });

const bindWords = (mount: Mount): string =>
  `host path ${sourceWords(mount)} at ${named(mount.target)} in ${theService(mount.service)}`;

function bindChanges(before: Mount | undefined, after: Mount | undefined): readonly Said[] {
  const subject = (after ?? before)?.target ?? '';
  const whole = (mount: Mount | undefined): readonly string[] =>
    mount === undefined ? [] : [`${bindWords(mount)}, ${mount.readOnly ? 'read-only' : 'writable'}`];
  if (before === undefined || after === undefined || before.source !== after.source || before.type !== after.type) {
    return moved(whole(before), whole(after), (text) => ({ kind: 'mount', subject, text }));
  }
  const text = `writes to ${bindWords(after)}`;
  const writes =
    before.readOnly === after.readOnly
      ? []
      : [after.readOnly ? closes('mount', subject, text) : opens('mount', subject, text)];
  const options = isDeepStrictEqual(before.more, after.more)
    ? []
    : [changes('mount', subject, `${bindWords(after)}: other mount options`)];
  return [...writes, ...options];
}

const hostMounts = family<Mount>({
  kind: 'mount',
  read: (side) => {
    const found = new Map<string, Part<Mount>>();
    for (const [service, entries] of servicesOf(side)) {
      takenFrom(entries, 'volumes', (entry) => {
        const mount = mountOf(service, entry);
        const key = `${service} ${mount?.target}`;
        if (mount === undefined || mount.type === 'volume' || isOwn(mount) || found.has(key)) return undefined;
        found.set(key, { value: mount, files: [BOTTLE_FILE.compose] });
        return mount;
      });
    }
    return found;
  },
  describe: (_key, before, after) => {
    const one = after ?? before;
    if (one === undefined || (before?.type ?? one.type) !== 'tmpfs' || one.type !== 'tmpfs')
      return bindChanges(before, after);
    const what = after === undefined ? 'removed' : before === undefined ? 'added' : 'with other options';
    return [changes('mount', one.target, `memory at ${named(one.target)} in ${theService(one.service)} ${what}`)];
  },
});

interface Own {
  readonly service: string;
  readonly parts: readonly string[];
}

const isPrivateMemory = (entry: string): boolean =>
  Object.values(PRIVATE_DIR).some((path) => entry.startsWith(`${path}:`));

/** What each sidecar has for the sake of its daemons: it follows them. */
const ownMounts = family<Own>({
  kind: 'mount',
  read: (side) => {
    const found = new Map<string, Part<Own>>();
    for (const [service, entries] of servicesOf(side)) {
      const mounts = takenFrom(entries, 'volumes', (entry) => {
        const mount = mountOf(service, entry);
        return mount !== undefined && isOwn(mount) ? `${mount.source} at ${mount.target}` : undefined;
      });
      const memory = takenFrom(entries, 'tmpfs', (entry) =>
        typeof entry === 'string' && isPrivateMemory(entry) ? `memory at ${entry}` : undefined,
      );
      found.set(service, { value: { service, parts: [...mounts, ...memory].sort() }, files: [BOTTLE_FILE.compose] });
    }
    return found;
  },
  describe: (service, before, after) => {
    const [old, now] = [before?.parts ?? [], after?.parts ?? []];
    const come = now.filter((part) => !old.includes(part));
    const gone = old.filter((part) => !now.includes(part));
    const list = (what: string, parts: readonly string[]): readonly string[] =>
      parts.length === 0 ? [] : [`${what} ${namesOf(parts)}`];
    const said = [...list('added', come), ...list('removed', gone)].join('; ');
    return said === ''
      ? []
      : [changes('mount', service, `what ${theService(service)} mounts of the bottle's own state: ${said}`)];
  },
});

interface Volume {
  readonly declaration: unknown;
  readonly mounts: readonly Mount[];
}

const place = ({ service, target, readOnly }: Mount): string =>
  `${named(target)} in ${theService(service)}${readOnly ? ', read-only' : ''}`;

function volumeChanges(
  name: string,
  before: Volume | undefined,
  after: Volume | undefined,
  slug: string,
): readonly Said[] {
  const shown = `volume ${named(name)}`;
  const at = (volume: Volume): string => (volume.mounts.length === 0 ? 'nowhere' : namesOf(volume.mounts.map(place)));
  if (before === undefined && after !== undefined) return [changes('volume', name, `${shown} added: at ${at(after)}`)];
  if (after === undefined && before !== undefined) {
    const text = `${shown} removed: its data stays behind (as ${projectName(slug)}_${named(name)}), was at ${at(before)}`;
    return [changes('volume', name, text)];
  }
  if (before === undefined || after === undefined) return [];
  const seen = moved(before.mounts, after.mounts, (mount) => ({
    kind: 'volume',
    subject: name,
    text: `${shown} at ${place(mount)}`,
  }));
  const declared = isDeepStrictEqual(before.declaration, after.declaration)
    ? []
    : [changes('volume', name, `${shown}: declared otherwise`)];
  return [...seen, ...declared];
}

const volumes = family<Volume>({
  kind: 'volume',
  read: (side: Side) => {
    const declared = within(composeOf(side), 'volumes');
    const mounts = [...servicesOf(side)].flatMap(([service, entries]) =>
      takenFrom(entries, 'volumes', (entry) => {
        const mount = mountOf(service, entry);
        return mount?.type === 'volume' && mount.source !== undefined ? mount : undefined;
      }),
    );
    const names = new Set([...Object.keys(declared), ...mounts.map(({ source = '' }) => source)]);
    return new Map(
      [...names].map((name) => {
        const value = { declaration: taken(declared, name), mounts: mounts.filter(({ source }) => source === name) };
        return [name, { value, files: [BOTTLE_FILE.compose] }];
      }),
    );
  },
  describe: (name, before, after, { after: { slug } }) => volumeChanges(name, before, after, slug),
});

const memory = family<{ readonly service: string; readonly entry: string }>({
  kind: 'mount',
  read: (side) => {
    const found = new Map<string, Part<{ readonly service: string; readonly entry: string }>>();
    for (const [service, entries] of servicesOf(side)) {
      for (const entry of takenFrom(entries, 'tmpfs', asText)) {
        const key = `${service} ${entry.split(':')[0]}`;
        found.set(found.has(key) ? `${key} again` : key, { value: { service, entry }, files: [BOTTLE_FILE.compose] });
      }
    }
    return found;
  },
  describe: (_key, before, after) => {
    const service = theService((after ?? before)?.service ?? '');
    const shown = (one: typeof after): string => (one === undefined ? 'none' : named(one.entry));
    return [changes('mount', service, `memory in ${service}: ${shown(after)}, was ${shown(before)}`)];
  },
});

export const mounts: readonly Comparison[] = [hostMounts, ownMounts, volumes, memory];
