/** How much of a host is open, as a set: ports × methods × paths, and what one such set has that another lacks. */

import { isBelow } from '../../operate/grants/reach.ts';

/** A set of values: those that are listed, or all but those. */
export interface Values<T> {
  readonly all: boolean;
  readonly listed: readonly T[];
}

/** Paths below any of `below` and below none of `except`. */
export interface Paths {
  readonly below: readonly string[];
  readonly except: readonly string[];
}

export interface Box {
  readonly ports: Values<number>;
  readonly methods: Values<string>;
  readonly paths: Paths;
}

const ALL = { all: true, listed: [] } as const;

export const valuesOf = <T>(values: readonly T[] | undefined): Values<T> =>
  values === undefined ? ALL : { all: false, listed: values };

export const pathsOf = (prefixes: readonly string[] | undefined): Paths => ({
  below: prefixes === undefined || prefixes.includes('/') ? ['/'] : prefixes,
  except: [],
});

/** Any request on any port. */
export const EVERYTHING: Box = { ports: ALL, methods: ALL, paths: pathsOf(undefined) };

const has = <T>({ all, listed }: Values<T>, value: T): boolean => listed.includes(value) !== all;

function without<T>(a: Values<T>, b: Values<T>): Values<T> {
  if (!a.all) return { all: false, listed: a.listed.filter((value) => !has(b, value)) };
  if (!b.all) return { all: true, listed: [...new Set([...a.listed, ...b.listed])] };
  return { all: false, listed: b.listed.filter((value) => !a.listed.includes(value)) };
}

function both<T>(a: Values<T>, b: Values<T>): Values<T> {
  if (!a.all) return { all: false, listed: a.listed.filter((value) => has(b, value)) };
  if (!b.all) return { all: false, listed: b.listed.filter((value) => has(a, value)) };
  return { all: true, listed: [...new Set([...a.listed, ...b.listed])] };
}

const outermost = (prefixes: readonly string[]): readonly string[] =>
  [...new Set(prefixes)].filter(
    (one) => !prefixes.some((other) => other !== one && isBelow(one, other) && !isBelow(other, one)),
  );

function pathsWithout(a: Paths, b: Paths): Paths {
  const below = a.below.filter((prefix) => !b.below.some((other) => isBelow(prefix, other)));
  const except = outermost(b.below.filter((other) => below.some((prefix) => isBelow(other, prefix))));
  return { below, except };
}

function bothPaths(a: Paths, b: Paths): Paths {
  const inside = (inner: Paths, outer: Paths): readonly string[] =>
    inner.below.filter((prefix) => outer.below.some((other) => isBelow(prefix, other)));
  return { below: outermost([...inside(a, b), ...inside(b, a)]), except: [] };
}

const isNone = <T>({ all, listed }: Values<T>): boolean => !all && listed.length === 0;

export const isEmpty = ({ ports, methods, paths }: Box): boolean =>
  isNone(ports) || isNone(methods) || paths.below.length === 0;

/** What both allow. */
export const common = (a: Box, b: Box): Box => ({
  ports: both(a.ports, b.ports),
  methods: both(a.methods, b.methods),
  paths: bothPaths(a.paths, b.paths),
});

/** What `a` allows and `b` does not, as sets that do not overlap. */
export function minus(a: Box, b: Box): readonly Box[] {
  const ports = both(a.ports, b.ports);
  const methods = both(a.methods, b.methods);
  return [
    { ...a, ports: without(a.ports, b.ports) },
    { ...a, ports, methods: without(a.methods, b.methods) },
    { ports, methods, paths: pathsWithout(a.paths, b.paths) },
  ].filter((box) => !isEmpty(box));
}

function methodWords({ all, listed }: Values<string>): string {
  if (!all) return listed.join(', ');
  return listed.length === 0 ? 'any request to' : `any method but ${listed.join(', ')} to`;
}

function portWords({ all, listed }: Values<number>): string {
  if (!all) return listed.length === 1 && listed[0] === 443 ? '' : ` on port ${listed.join(', ')}`;
  return listed.length === 0 ? ' on any port' : ` on any port but ${listed.join(', ')}`;
}

function pathWords({ below, except }: Paths): string {
  const where = below.includes('/') ? '' : ` below ${below.join(', ')}`;
  return except.length === 0 ? where : `${where} except below ${except.join(', ')}`;
}

/** `GET, POST api.example.org below /v1/ on port 8443`. */
export const boxText = (host: string, { ports, methods, paths }: Box): string =>
  `${methodWords(methods)} ${host}${pathWords(paths)}${portWords(ports)}`;
