/** How much of one host is open: ports × methods × paths, which one entry of `routes.yaml` can say and no more. */

import { decodedPath, isBelowPrefix } from '../../rules/path-prefix.ts';

export interface Reach {
  readonly ports: readonly number[];
  /** Absent: any. */
  readonly methods?: readonly string[] | undefined;
  /** Absent: any. */
  readonly pathPrefixes?: readonly string[] | undefined;
}

/** What a grant opens by itself; undefined where it only adds to how a declared host is reached. */
export const grantedReach = ({
  ports,
  methods,
  pathPrefixes,
}: { readonly [K in keyof Reach]?: Reach[K] | undefined }): Reach | undefined =>
  ports === undefined ? undefined : { ports, methods, pathPrefixes };

const DIMENSIONS = ['ports', 'methods', 'pathPrefixes'] as const;
type Dimension = (typeof DIMENSIONS)[number];
type Values = readonly (string | number)[] | undefined;

/** Whether every path below `path` is one below `prefix`, however they are spelled. */
export const isBelow = (path: string, prefix: string): boolean =>
  isBelowPrefix(decodedPath(path) ?? path, decodedPath(prefix) ?? prefix);

/** Whether `outer` allows in `dimension` whatever `inner` does. */
function covers(dimension: Dimension, outer: Values, inner: Values): boolean {
  if (dimension === 'pathPrefixes' && outer?.includes('/') === true) return true;
  if (outer === undefined) return true;
  if (inner === undefined) return false;
  return inner.every((value) =>
    dimension === 'pathPrefixes'
      ? outer.some((prefix) => isBelow(String(value), String(prefix)))
      : outer.includes(value),
  );
}

/** Whether `outer` allows whatever `inner` does. */
export const contains = (outer: Reach, inner: Reach): boolean =>
  DIMENSIONS.every((dimension) => covers(dimension, outer[dimension], inner[dimension]));

function joined<T extends string | number>(a: readonly T[] | undefined, b: readonly T[] | undefined): T[] | undefined {
  if (a === undefined || b === undefined) return undefined;
  const known = new Set(a.map((value) => decodedPath(String(value)) ?? String(value)));
  return [...a, ...b.filter((value) => !known.has(decodedPath(String(value)) ?? String(value)))];
}

/** The reach that allows exactly what `a` or `b` does; undefined where one entry would allow more than that. */
export function union(a: Reach, b: Reach): Reach | undefined {
  if (contains(a, b)) return a;
  if (contains(b, a)) return b;
  const differing = DIMENSIONS.filter(
    (dimension) => !covers(dimension, a[dimension], b[dimension]) || !covers(dimension, b[dimension], a[dimension]),
  );
  if (differing.length > 1) return undefined;
  const [methods, pathPrefixes] = [joined(a.methods, b.methods), joined(a.pathPrefixes, b.pathPrefixes)];
  return {
    ports: joined(a.ports, b.ports) ?? [],
    ...(methods === undefined ? {} : { methods }),
    ...(pathPrefixes === undefined ? {} : { pathPrefixes }),
  };
}

/** `GET, POST below /v1/ on port 443`, for messages. */
export function reachText({ ports, methods, pathPrefixes }: Reach): string {
  const what = methods === undefined ? 'any method' : methods.join(', ');
  const where = pathPrefixes === undefined ? 'on any path' : `below ${pathPrefixes.join(', ')}`;
  return `${what} ${where}${ports.length === 1 && ports[0] === 443 ? '' : `, port ${ports.join(', ')}`}`;
}
