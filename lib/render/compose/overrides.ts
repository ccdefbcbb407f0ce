/** Applies the escape hatches to a rendered service, each of them whole or not at all. */

import {
  type ComposeService,
  dottedKeys,
  isReservedLabel,
  jsonPointer,
  type OverrideEffect,
  type OverridePlan,
  type OverrideProblem,
  pointerKeys,
  quoted,
  RESERVED_LABEL_PREFIXES,
} from '../../plan/index.ts';
import { literal } from './literal.ts';
import { patched } from './patch.ts';
import { type Fields, isFields, NoPlace, placeAt, put, take } from './places.ts';

export interface Overridden {
  readonly service: ComposeService;
  readonly effects: readonly OverrideEffect[];
}

/** What one override makes of a service: its places that changed, as lists of keys, or why nothing did. */
type Outcome = readonly (readonly string[])[] | NoPlace;

/** Pointers of the objects that overrides made on the way to a value: nobody asked for them by themselves. */
type Made = Set<string>;

function set(service: Fields, path: string, value: unknown, made: Made): Outcome {
  const place = placeAt(service, dottedKeys(path) ?? [], ({ keys }) => {
    made.add(jsonPointer(keys));
    return {};
  });
  if (place instanceof NoPlace) return place;
  const here = jsonPointer(place.keys);
  // From here on down it is what was asked for.
  for (const pointer of made) if (`${pointer}/`.startsWith(`${here}/`)) made.delete(pointer);
  put(place, literal(value));
  return [place.keys];
}

/** Takes the value away, and with it the objects above it that were made for its sake and are empty now. */
function remove(service: Fields, path: string, made: Made): Outcome {
  const place = placeAt(service, dottedKeys(path) ?? []);
  if (place instanceof NoPlace || !place.taken) return [];
  take(place);
  for (let above = place.keys.slice(0, -1); above.length > 0; above = above.slice(0, -1)) {
    const holder = placeAt(service, above);
    if (holder instanceof NoPlace || !made.has(jsonPointer(above))) break;
    const left = (holder.holder as Fields)[holder.key];
    if (!isFields(left) || Object.keys(left).length > 0) break;
    take(holder);
  }
  return [place.keys];
}

function apply(service: Fields, override: OverridePlan, made: Made): Outcome {
  switch (override.kind) {
    case 'set':
      return set(service, override.path, override.value, made);
    case 'delete':
      return remove(service, override.path, made);
    case 'patch':
      return patched(service, override.operations);
  }
}

/** How messages call an override. */
function callOf(override: OverridePlan): string {
  if (override.kind === 'patch') return 'the patch';
  return `${override.kind === 'set' ? 'addOverride' : 'addDeletionOverride'}(${quoted(override.path)})`;
}

function touchesReservedLabel(override: OverridePlan): boolean {
  const paths =
    override.kind === 'patch'
      ? override.operations.flatMap(({ path, from }) => [
          pointerKeys(path),
          from === undefined ? [] : pointerKeys(from),
        ])
      : [dottedKeys(override.path)];
  return paths.some((keys) => keys?.[0] === 'labels' && keys[1] !== undefined && isReservedLabel(keys[1]));
}

/** Ours are added after all overrides, to a mapping: what an override leaves there has to be one, without ours. */
function labelProblem(service: Fields, override: OverridePlan): OverrideProblem | undefined {
  const { labels } = service;
  if (labels !== undefined && !isFields(labels)) {
    return {
      kind: 'unapplied',
      message: `${callOf(override)} makes \`labels\` something else than an object; allowed: an object of names and texts`,
      fix: "set each label by itself: addOverride('labels.com\\.example\\.team', 'value')",
    };
  }
  const reserved = Object.keys(labels ?? {}).find(isReservedLabel);
  if (reserved === undefined && !touchesReservedLabel(override)) return undefined;
  const which = reserved === undefined ? 'a reserved label' : `label ${quoted(reserved)}`;
  return {
    kind: 'refused',
    message: `${callOf(override)} is about ${which}; allowed: names that begin with none of ${RESERVED_LABEL_PREFIXES.join(', ')}`,
    fix: 'choose a name of your own, or use the property `labels` of the bottle',
  };
}

function unapplied(override: OverridePlan, { reason }: NoPlace, name: string): OverrideProblem {
  return {
    kind: 'unapplied',
    message: `${callOf(override)} does not fit the service ${quoted(name)}: ${reason}`,
    fix: 'mend the path: a list takes an index or `-`; compose.yaml of a synth without this override shows the service',
  };
}

/** `service` after `overrides`, in their order, and what each of them did. One that does not fit changes nothing. */
export function overridden(name: string, service: ComposeService, overrides: readonly OverridePlan[]): Overridden {
  const effects: OverrideEffect[] = [];
  let now: Fields = service;
  let made: Made = new Set();
  for (const override of overrides) {
    const next = structuredClone(now);
    const madeNext = new Set(made);
    const outcome = apply(next, override, madeNext);
    const problem = outcome instanceof NoPlace ? unapplied(override, outcome, name) : labelProblem(next, override);
    if (problem === undefined) [now, made] = [next, madeNext];
    const pointers = outcome instanceof NoPlace ? [] : outcome.map((keys) => jsonPointer(['services', name, ...keys]));
    effects.push({ override, service: name, pointers, ...(problem === undefined ? {} : { problem }) });
  }
  return { service: now, effects };
}
