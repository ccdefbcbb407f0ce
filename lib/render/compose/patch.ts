/** JSON patches (RFC 6902), applied by the package `rfc6902`; what it is lenient about is judged before. */

import { applyPatch, type Operation } from 'rfc6902';
import { type JsonPatchOperation, pointerKeys, quoted } from '../../plan/index.ts';
import { literal } from './literal.ts';
import { type Fields, NoPlace, type Place, placeAt, shownKeys, valueAt } from './places.ts';

const at = (service: Fields, pointer: string): Place | NoPlace => placeAt(service, pointerKeys(pointer) ?? []);

/** The place of something that has to be there. */
function taken(service: Fields, pointer: string): Place | NoPlace {
  const place = at(service, pointer);
  return place instanceof NoPlace || place.taken ? place : new NoPlace(`there is no ${shownKeys(place.keys)}`);
}

/** Applies one operation in place. The package's own messages are not passed on: they hold values. */
function run(service: Fields, operation: Operation): NoPlace | undefined {
  const [refused] = applyPatch(service, [operation]);
  if (refused === null || refused === undefined) return undefined;
  return new NoPlace(refused.name === 'TestError' ? 'the value there is another one' : 'it cannot be applied there');
}

type Changed = readonly (readonly string[])[];

function added(service: Fields, path: string, value: unknown): Changed | NoPlace {
  const place = at(service, path);
  if (place instanceof NoPlace) return place;
  return run(service, { op: 'add', path, value }) ?? [place.keys];
}

function applied(service: Fields, operation: JsonPatchOperation): Changed | NoPlace {
  const { op, path, from = '' } = operation;
  switch (op) {
    case 'add':
      return added(service, path, literal(operation.value));
    case 'remove':
    case 'replace':
    case 'test': {
      const place = taken(service, path);
      if (place instanceof NoPlace) return place;
      const value = literal(operation.value);
      return run(service, op === 'remove' ? { op, path } : { op, path, value }) ?? (op === 'test' ? [] : [place.keys]);
    }
    case 'copy':
    case 'move': {
      const source = taken(service, from);
      if (source instanceof NoPlace) return source;
      const value = structuredClone(valueAt(source));
      // A move is a removal and then an addition (RFC 6902 §4.4): the place is judged in what the removal leaves.
      const refused = op === 'move' ? run(service, { op: 'remove', path: from }) : undefined;
      const changed = refused ?? added(service, path, value);
      return changed instanceof NoPlace || op === 'copy' ? changed : [source.keys, ...changed];
    }
  }
}

/** Applies all of `operations` to `service` in place; the first that cannot be is told, and `service` is then spoilt. */
export function patched(service: Fields, operations: readonly JsonPatchOperation[]): Changed | NoPlace {
  const changed: (readonly string[])[] = [];
  for (const [index, operation] of operations.entries()) {
    const outcome = applied(service, operation);
    if (outcome instanceof NoPlace) {
      return new NoPlace(`operation ${index + 1} (${operation.op} ${quoted(operation.path)}): ${outcome.reason}`);
    }
    changed.push(...outcome);
  }
  return changed;
}
