/** The compose specification's schema, as a rule: what compose would refuse is said before anything is written. */

import { listed, pointerKeys, quoted, typeName } from '../../../plan/index.ts';
import type { DocumentBreach, DocumentRule } from '../../document-rule.ts';
import { type SchemaError, validate } from './validate.ts';

/** The words for the types of JSON. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value : [value]).map(String);

/** What an error allows, in words; undefined for one that only sums up others. */
function allowed({ keyword, params }: SchemaError): readonly string[] {
  switch (keyword) {
    case 'type':
      return texts(params['type']).map((type) => TYPE_WORDS[type] ?? type);
    case 'enum':
      return texts(params['allowedValues']).map(quoted);
    case 'required':
      return [`an object with ${quoted(String(params['missingProperty']))}`];
    case 'additionalProperties':
      return [`an object without ${quoted(String(params['additionalProperty']))}`];
    case 'pattern':
      return [`a text like ${String(params['pattern'])}`];
    case 'minimum':
    case 'maximum':
      return [`a number ${String(params['comparison'])} ${String(params['limit'])}`];
    case 'uniqueItems':
      return ['each entry once'];
    default:
      return [];
  }
}

/** `a, b or c`. */
const either = (words: readonly string[]): string =>
  words.length < 2 ? listed(words) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

function valueAt(document: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined,
    document,
  );
}

/** Errors by place; of a place and one below it, the one below says more. */
function byPlace(errors: readonly SchemaError[]): ReadonlyMap<string, readonly SchemaError[]> {
  const places = new Map<string, SchemaError[]>();
  for (const error of errors) places.set(error.instancePath, [...(places.get(error.instancePath) ?? []), error]);
  const all = [...places.keys()];
  return new Map([...places].filter(([place]) => !all.some((other) => other.startsWith(`${place}/`))));
}

export const SCHEMA_RULES: readonly DocumentRule[] = [
  {
    id: 'bottles::compose-schema',
    severity: 'error',
    what: 'a value that the compose specification does not allow where it is',
    why: 'compose would refuse the file at deploy, or read it as something else',
    fix: 'give the value another form, as the compose specification has it',
    *check({ compose }): Iterable<DocumentBreach> {
      const errors = validate(compose);
      for (const [pointer, said] of byPlace(errors)) {
        const keys = pointerKeys(pointer) ?? [];
        const words = [...new Set(said.flatMap(allowed))];
        yield {
          pointer: pointer === '' ? '/' : pointer,
          message: `${quoted(pointer)} is ${typeName(valueAt(compose, keys))}; allowed: ${either(words)}`,
        };
      }
    },
  },
];
