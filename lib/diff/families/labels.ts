/** Labels of containers, networks and volumes. */

import { isDeepStrictEqual } from 'node:util';
import { BOTTLE_FILE, LABEL } from '../../plan/index.ts';
import { changes, family, type Part, TOLD } from '../family.ts';
import { composeOf } from '../services.ts';
import { named, namesOf, nowAndThen } from '../shown.ts';
import { type Entries, isEntries, type Side, taken, within } from '../side.ts';

/** Values of one label by where it stands. */
type Places = Readonly<Record<string, unknown>>;

const PLACES = ['services', 'networks', 'volumes'] as const;

function read(side: Side): ReadonlyMap<string, Part<Places>> {
  const found = new Map<string, Record<string, unknown>>();
  for (const place of PLACES) {
    for (const [name, holder] of Object.entries(within(composeOf(side), place))) {
      if (!isEntries(holder) || !isEntries(holder['labels'])) continue;
      for (const [label, value] of Object.entries(taken(holder, 'labels') as Entries)) {
        // It follows from the rest of its service.
        if (label === LABEL.digest) continue;
        found.set(label, { ...found.get(label), [`${place}.${name}`]: value });
      }
    }
  }
  return new Map([...found].map(([label, value]) => [label, { value, files: [BOTTLE_FILE.compose] }]));
}

/** `services.agent`: whether this version has what the label is on, and labels it. */
function hasPlace(side: Side, place: string): boolean {
  const [section = '', ...name] = place.split('.');
  const holders = within(composeOf(side), section);
  const holder = within(holders, name.join('.'));
  // Nothing of an existing network is labelled.
  return Object.hasOwn(holders, name.join('.')) && holder['external'] !== true;
}

const valuesOf = (places: Places | undefined): readonly unknown[] => [...new Set(Object.values(places ?? {}))];

const only = (values: readonly unknown[]): unknown => (values.length < 2 ? values[0] : values);

export const labels = family<Places>({
  kind: 'label',
  read,
  describe: (label, before, after, pair) => {
    const [old, now] = [valuesOf(before), valuesOf(after)];
    if (!isDeepStrictEqual(old, now)) {
      return [changes('label', label, `label ${named(label)}: ${nowAndThen(label, only(old), only(now))}`)];
    }
    // Networks and volumes come and go with theirs, which is told there.
    const places = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
    const differing = places
      .filter((place) => before?.[place] !== after?.[place])
      .filter((place) => hasPlace(pair.before, place) && hasPlace(pair.after, place));
    if (differing.length === 0) return TOLD;
    return [changes('label', label, `label ${named(label)}: other places (${namesOf(differing)})`)];
  },
});
