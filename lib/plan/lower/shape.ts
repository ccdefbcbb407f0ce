/** Reads values of unknown shape: what is wrong is reported, and what is left is typed. */

import { asDeclaredValue, type DeclaredValue, type ValueKind } from '../declared.ts';
import { listed, nearest, quoted, typeName } from '../shown.ts';
import { SHAPE_RULES, type Site } from './site.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface KeySpec {
  readonly allowed: readonly string[];
}

const plain = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && asDeclaredValue(value) === undefined;

export function wrongType(site: Site, what: string, value: unknown, wanted: string): undefined {
  site.report(SHAPE_RULES.wrongType, `${what} is ${typeName(value)}; allowed: ${wanted}`, `give ${wanted}`);
  return undefined;
}

function unknownKey(site: Site, what: string, key: string, { allowed }: KeySpec): void {
  const meant = nearest(key, allowed);
  site.report(
    SHAPE_RULES.unknownKey,
    `unknown key ${quoted(key)} in ${what}${meant === undefined ? '' : `, did you mean ${quoted(meant)}?`}; allowed: ${listed(allowed)}`,
    meant === undefined ? `remove ${quoted(key)}` : `write ${quoted(meant)}, or remove ${quoted(key)}`,
  );
}

/** The fields of an object of known keys; an empty object if `value` is none (reported) or absent. */
export function fieldsOf(site: Site, what: string, value: unknown, keys: KeySpec): Fields {
  if (value === undefined) return {};
  if (!plain(value)) {
    wrongType(site, what, value, 'an object');
    return {};
  }
  for (const key of Object.keys(value)) {
    if (value[key] === undefined || keys.allowed.includes(key)) continue;
    unknownKey(site, what, key, keys);
  }
  return value;
}

/** An object as a dictionary, of any keys. */
export function entriesOf(site: Site, what: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (value === undefined) return [];
  if (plain(value)) return Object.entries(value);
  wrongType(site, what, value, 'an object of names and values');
  return [];
}

export function text(site: Site, what: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return wrongType(site, what, value, 'a text');
}

/** A text that must be there. */
export function neededText(site: Site, what: string, value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  if (value !== undefined && value !== '') return wrongType(site, what, value, 'a text');
  site.report(SHAPE_RULES.missing, `${what} is ${value === '' ? 'empty' : 'missing'}`, `give ${what}`);
  return undefined;
}

export function flag(site: Site, what: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  return wrongType(site, what, value, 'true or false');
}

export function number(site: Site, what: string, value: unknown): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  return wrongType(site, what, value, 'a number');
}

export function word<const W extends string>(
  site: Site,
  what: string,
  value: unknown,
  words: readonly W[],
): W | undefined {
  if (value === undefined) return undefined;
  const found = words.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const shown = typeof value === 'string' ? quoted(value) : typeName(value);
  const allowed = words.map(quoted).join(' or ');
  site.report(SHAPE_RULES.wrongType, `${what} is ${shown}; allowed: ${allowed}`, `write ${allowed}`);
  return undefined;
}

/** A list of its own: one of a class or a proxy may hold something else when it is asked again. */
export function list(site: Site, what: string, value: unknown, of: string): readonly unknown[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return wrongType(site, what, value, `a list of ${of}`);
  return Array.from({ length: value.length }, (_, index): unknown => value[index]);
}

export function texts(site: Site, what: string, value: unknown): readonly string[] | undefined {
  return list(site, what, value, 'texts')?.flatMap((entry, index) => {
    const one = typeof entry === 'string' ? entry : wrongType(site, `${what}[${index}]`, entry, 'a text');
    return one === undefined ? [] : [one];
  });
}

export function numbers(site: Site, what: string, value: unknown): readonly number[] | undefined {
  return list(site, what, value, 'numbers')?.flatMap((entry, index) => {
    const one = typeof entry === 'number' ? entry : wrongType(site, `${what}[${index}]`, entry, 'a number');
    return one === undefined ? [] : [one];
  });
}

/** A value of the definition language of the given kind; `example` shows how to write one. */
export function declaredValue(
  site: Site,
  what: string,
  value: unknown,
  kind: ValueKind,
  example: string,
): DeclaredValue | undefined {
  const declared = asDeclaredValue(value);
  if (declared?.kind === kind) return declared;
  site.report(
    SHAPE_RULES.wrongType,
    `${what} is ${typeName(value)}; allowed: ${kind} values such as ${example}`,
    `write ${example}`,
  );
  return undefined;
}

/** A {@link declaredValue} that may be absent. */
export function optionalValue(
  site: Site,
  what: string,
  value: unknown,
  kind: ValueKind,
  example: string,
): DeclaredValue | undefined {
  return value === undefined ? undefined : declaredValue(site, what, value, kind, example);
}
