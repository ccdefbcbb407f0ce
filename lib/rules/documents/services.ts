/** The services of a bottle's compose file, side by side with what synth wrote without any override. */

import {
  AGENT_SERVICE,
  type ComposeDocument,
  type ComposeService,
  jsonPointer,
  printableLine,
  quoted,
  type RenderedBottle,
  typeName,
} from '../../plan/index.ts';
import { fieldsOf, textOf } from '../../topology/compose-values.ts';
import type { DocumentBreach } from '../document-rule.ts';

export interface JudgedService {
  readonly name: string;
  readonly isAgent: boolean;
  readonly service: ComposeService;
  /** Undefined for a service that synth did not write. */
  readonly plain: ComposeService | undefined;
}

const servicesOf = ({ services }: ComposeDocument): Readonly<Record<string, unknown>> => fieldsOf(services);

/** Every service of the final document. */
export function judgedServices({ compose, plain }: RenderedBottle): readonly JudgedService[] {
  const before = servicesOf(plain);
  return Object.entries(servicesOf(compose)).map(([name, service]) => ({
    name,
    isAgent: name === AGENT_SERVICE,
    service: fieldsOf(service),
    plain: Object.hasOwn(before, name) ? fieldsOf(before[name]) : undefined,
  }));
}

/** The services that an override changed. */
export const changedServices = (bottle: RenderedBottle): readonly (JudgedService & { plain: ComposeService })[] =>
  bottle.compose === bottle.plain
    ? []
    : judgedServices(bottle).flatMap((one) =>
        one.plain === undefined || same(one.service, one.plain) ? [] : [{ ...one, plain: one.plain }],
      );

/** A JSON pointer (RFC 6901). */
export const pointerTo = (...segments: readonly (string | number)[]): string => jsonPointer(segments.map(String));

/** Whether two values say the same; the order of a mapping's keys has no meaning. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  const other = b as Readonly<Record<string, unknown>>;
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same((a as Readonly<Record<string, unknown>>)[key], other[key]))
  );
}

/** Whether a service has `key` with a value: compose reads null as absent for most. */
export const has = (service: ComposeService, key: string): boolean =>
  service[key] !== undefined && service[key] !== null;

/** `value` in words: a scalar as it is, of anything else its kind. */
export function shownValue(value: unknown): string {
  const text = textOf(value);
  return text === undefined ? typeName(value) : quoted(printableLine(text));
}

/** A breach at `key` of a service; `words` follow the service's name and the key. */
export const keyBreach = ({ name }: JudgedService, key: string, words: string, fix?: string): DocumentBreach => ({
  pointer: pointerTo('services', name, key),
  message: `${quoted(key)} of service ${quoted(name)} ${words}`,
  ...(fix === undefined ? {} : { fix }),
});
