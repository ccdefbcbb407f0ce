/** The mounts of a service in the final document, and what an override did to them. */

import { fieldsOf, isTrue, textOf, textsOf } from '../../topology/compose-values.ts';
import { canonicalPath } from '../container-paths.ts';
import { type JudgedService, pointerTo, same } from './services.ts';

/** An entry of `volumes` or `tmpfs`, of whichever form. */
export interface Entry {
  readonly kind: string;
  readonly source: string | undefined;
  readonly target: string;
  readonly writable: boolean;
  readonly said: unknown;
  /** Key of the service that says it. */
  readonly list: 'volumes' | 'tmpfs';
  readonly pointer: string;
}

const isPath = (source: string): boolean => /^(?:[./~\\]|\$|[a-z]:)/i.test(source);

function volumeEntry(said: unknown, pointer: string): Entry {
  const short = textOf(said);
  if (short === undefined) {
    const { type, source, target, read_only: readOnly } = fieldsOf(said);
    const words = { kind: textOf(type) ?? 'volume', source: textOf(source), target: textOf(target) ?? '' };
    return { ...words, writable: !isTrue(readOnly), said, list: 'volumes', pointer };
  }
  const [first = '', second, mode = ''] = short.split(':');
  const source = second === undefined ? undefined : first;
  const kind = source !== undefined && isPath(source) ? 'bind' : 'volume';
  const writable = !mode.split(',').includes('ro');
  return { kind, source, target: second ?? first, writable, said, list: 'volumes', pointer };
}

function tmpfsEntry(text: string, pointer: string): Entry {
  const [target = '', ...options] = text.split(':');
  const said = [target, options.join(':')];
  return { kind: 'tmpfs', source: undefined, target, writable: true, said, list: 'tmpfs', pointer };
}

type Fields = JudgedService['service'];

export function volumesOf(service: Fields, name: string): readonly Entry[] {
  const volumes = Array.isArray(service['volumes']) ? service['volumes'] : [];
  return volumes.map((said: unknown, index) => volumeEntry(said, pointerTo('services', name, 'volumes', index)));
}

const tmpfsOf = (service: Fields, name: string): readonly Entry[] =>
  textsOf(service['tmpfs'] ?? []).map((said, index) => tmpfsEntry(said, pointerTo('services', name, 'tmpfs', index)));

const entriesOf = (service: Fields, name: string): readonly Entry[] => [
  ...volumesOf(service, name),
  ...tmpfsOf(service, name),
];

const placeOf = ({ target }: Entry): string => canonicalPath(target);

/** Options of a tmpfs of the agent that open nothing: how large it is and who may use it. */
const TMPFS_OPTION = /^(?:size|nr_inodes|mode|uid|gid)=[0-9]+[kmgKMG]?$|^(?:no)?exec$|^nosuid$|^nodev$/;

/** Whether `now` is the agent's own tmpfs with harmless options. */
function harmless(now: Entry, was: Entry, isAgent: boolean): boolean {
  if (!isAgent || now.kind !== 'tmpfs' || was.kind !== 'tmpfs' || !Array.isArray(now.said)) return false;
  const options: unknown = now.said[1];
  return typeof options === 'string' && options.split(',').every((option) => TMPFS_OPTION.test(option));
}

/** What an override did to the mounts of a service. */
export interface Changes {
  readonly added: readonly Entry[];
  readonly changed: readonly { readonly now: Entry; readonly was: Entry }[];
  readonly gone: readonly Entry[];
}

export function changesOf({ service, plain, name, isAgent }: JudgedService): Changes {
  const before = entriesOf(plain ?? {}, name);
  const rest = new Set(before);
  const differing = entriesOf(service, name).filter((now) => {
    const kept = [...rest].find((was) => was.kind === now.kind && same(was.said, now.said));
    if (kept !== undefined) rest.delete(kept);
    return kept === undefined;
  });
  const added: Entry[] = [];
  const changed: { now: Entry; was: Entry }[] = [];
  for (const now of differing) {
    const was = [...rest].find((one) => placeOf(one) === placeOf(now));
    if (was !== undefined) rest.delete(was);
    if (was === undefined) added.push(now);
    else if (!harmless(now, was, isAgent)) changed.push({ now, was });
  }
  return { added, changed, gone: [...rest] };
}
