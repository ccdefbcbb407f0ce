/** Keys that every service may have, compared service by service. */

import { BOTTLE_FILE } from '../../plan/index.ts';
import { type Comparison, family, type Part, type Said } from '../family.ts';
import type { ChangeKind } from '../model.ts';
import { servicesOf } from '../services.ts';
import { asText, type Side, taken, takenFrom } from '../side.ts';

/** What opens or closes as a weakness comes or goes; `undefined` where the version does not exist: it then has no weakness. */
export function weakness(
  before: boolean | undefined,
  after: boolean | undefined,
  words: Omit<Said, 'effect'>,
): readonly Said[] {
  if ((before ?? false) === (after ?? false)) return [];
  return [{ ...words, effect: after === true ? 'opens' : 'closes' }];
}

export interface Held<T = unknown> {
  readonly service: string;
  readonly value: T;
}

/** One key of every service, also where it is not set. */
export function keyOfServices(key: string): (side: Side) => ReadonlyMap<string, Part<Held>> {
  return (side) =>
    new Map(
      [...servicesOf(side)].map(([service, entries]) => [
        service,
        { value: { service, value: taken(entries, key) }, files: [BOTTLE_FILE.compose] },
      ]),
    );
}

/** The words for an entry of a list that comes or goes. */
export type Tell = (service: string, entry: string) => Said;

/** A list of words of every service, one change a word. */
export function listFamily(key: string, kind: ChangeKind, come: Tell, gone: Tell): Comparison {
  return family<Held<readonly string[]>>({
    kind,
    read: (side) =>
      new Map(
        [...servicesOf(side)].map(([service, entries]) => [
          service,
          { value: { service, value: takenFrom(entries, key, asText) }, files: [BOTTLE_FILE.compose] },
        ]),
      ),
    describe: (service, before, after) => {
      const [old, now] = [before?.value ?? [], after?.value ?? []];
      const removed = old.filter((entry) => !now.includes(entry));
      const added = now.filter((entry) => !old.includes(entry));
      return [...removed.map((entry) => gone(service, entry)), ...added.map((entry) => come(service, entry))];
    },
  });
}
