/**
 * The routes of a bottle as egress reads them: images/sidecars/egress/policy.py in TypeScript. Every key that is not
 * named here is an error, as it is there.
 */

import { parse } from 'yaml';
import { z } from 'zod';
import { isForbiddenHeader, type RouteEntry } from '../../plan/index.ts';
import { canonicalName, canonicalPath, isCanonicalHost } from './canonical.ts';

export const MAGIC_HOST = '_egress.local';

const DEFAULT_BODY_BYTES = 5 * 1024 * 1024;
const LISTEN = /^([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?):([1-9][0-9]{0,4})$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const INSTANT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(Z|[+-]\d\d:\d\d)?$/;

/** A routes file that egress would not apply; `place` is where, e.g. `routes[0].host`. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly place: string;

  constructor(place: string, problem: string) {
    super(`${place}: ${problem}`);
    this.place = place;
  }
}

export interface EgressRoute {
  readonly entry: RouteEntry;
  /** Canonical, i.e. percent-decoded. */
  readonly pathPrefixes?: readonly string[];
  /** Header that carries the credential. */
  readonly header?: string;
  /** Unix milliseconds at which the route's grant ends. */
  readonly expires?: number;
}

export interface EgressPolicy {
  readonly listen: string;
  readonly maxBodyBytes: number;
  readonly routes: ReadonlyMap<string, EgressRoute>;
  /** Canonical names that are deleted from every request, whatever its route. */
  readonly deleted: ReadonlySet<string>;
}

const isDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

function instantOf(text: string): number {
  const [, zone] = INSTANT.exec(text) ?? [undefined, undefined];
  if (!INSTANT.test(text)) return Number.NaN;
  const spelled = text.replace(' ', 'T');
  return Date.parse(zone === undefined && spelled.includes('T') ? `${spelled}Z` : spelled);
}

const isPrefix = (prefix: string): boolean => {
  const canonical = canonicalPath(prefix);
  return 'path' in canonical && !canonical.path.includes('?') && !canonical.path.includes('//');
};

const decoded = (prefix: string): string => {
  const canonical = canonicalPath(prefix);
  return 'path' in canonical ? canonical.path : prefix;
};

const isMethod = (method: string): boolean =>
  /^[A-Z][A-Z-]{0,31}$/.test(method) && !['CONNECT', 'TRACE', 'TRACK'].includes(method);

const auth = z
  .strictObject({
    scheme: z.enum(['Bearer', 'token', 'Basic', 'header']),
    slot: z.int().min(0).max(9999),
    header: z
      .string()
      .refine((header) => TOKEN.test(header) && !isForbiddenHeader(header), 'may not be injected')
      .optional(),
    user: z
      .string()
      .refine((user) => user !== '' && !/:|[\p{C}\p{Zl}\p{Zp}]/u.test(user), 'must be printable and without a colon')
      .optional(),
  })
  .superRefine(({ scheme, header, user }, context) => {
    const alone = (key: 'header' | 'user', value: string | undefined, owner: string): void => {
      if ((value !== undefined) === (scheme === owner)) return;
      context.addIssue({ code: 'custom', path: [key], message: `goes with scheme ${owner}, and only with it` });
    };
    alone('header', header, 'header');
    alone('user', user, 'Basic');
  });

const route = z.strictObject({
  host: z.string().refine(isCanonicalHost, 'must be an exact host name, lower case, without port, path or wildcard'),
  ports: z.array(z.int().min(1).max(65_535)).min(1).refine(isDistinct, 'names something twice'),
  methods: z.array(z.string().refine(isMethod)).min(1).refine(isDistinct, 'names something twice').optional(),
  pathPrefixes: z
    .array(z.string().refine(isPrefix, 'must be canonical paths'))
    .min(1)
    .refine((prefixes) => isDistinct(prefixes.map(decoded)), 'names something twice')
    .optional(),
  auth: auth.optional(),
  webSocket: z.literal(true).optional(),
  grant: z
    .strictObject({
      id: z.string().min(1),
      expires: z
        .string()
        .refine((text) => !Number.isNaN(instantOf(text)), 'must be an ISO 8601 instant')
        .optional(),
      usesLeft: z
        .int()
        .min(0)
        .max(2 ** 31 - 1)
        .optional(),
    })
    .optional(),
});

const file = z.strictObject({
  version: z.literal(1),
  listen: z.string().refine((text) => {
    const [, host, port] = LISTEN.exec(text) ?? [];
    return host !== undefined && host !== '0.0.0.0' && Number(port) <= 65_535;
  }, 'must be host:port, and never 0.0.0.0'),
  maxBodyBytes: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional(),
  routes: z.array(route),
});

/** The place as policy.py names it: of lists, only routes are numbered; what is missing is told of its mapping. */
function placeOf(path: readonly PropertyKey[], isMissing: boolean): string {
  const keys = isMissing ? path.slice(0, -1) : path;
  const words = keys.flatMap((key, index) => {
    if (typeof key === 'number') return index === 1 ? [`[${key}]`] : [];
    return [`${index === 0 ? '' : '.'}${String(key)}`];
  });
  return words.length === 0 ? 'the file' : words.join('');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}

function egressRoute(entry: RouteEntry): EgressRoute {
  const { pathPrefixes, auth: credential, grant } = entry;
  return {
    entry,
    ...(pathPrefixes === undefined ? {} : { pathPrefixes: pathPrefixes.map(decoded) }),
    ...(credential === undefined ? {} : { header: credential.header ?? 'Authorization' }),
    ...(grant?.expires === undefined ? {} : { expires: instantOf(grant.expires) }),
  };
}

/** The policy that `document` (parsed YAML) describes. Throws a {@link PolicyError}. */
export function egressPolicy(document: unknown): EgressPolicy {
  const { data, error } = file.safeParse(document);
  const [issue] = error?.issues ?? [];
  if (data === undefined) {
    const path = issue?.path ?? [];
    const isMissing = issue?.code !== 'unrecognized_keys' && issue?.code !== 'custom' && path.length > 0;
    const place = placeOf(path, isMissing && valueAt(document, path) === undefined);
    throw new PolicyError(place, issue?.message ?? 'not a routes file');
  }
  const entries = data.routes as readonly RouteEntry[];
  const routes = new Map(entries.map((entry) => [entry.host, egressRoute(entry)]));
  const twice = entries.findIndex(({ host }, index) => entries.findIndex((other) => other.host === host) !== index);
  if (twice !== -1) throw new PolicyError(`routes[${twice}].host`, 'the host has a route already');
  const injected = [...routes.values()].flatMap(({ header }) => (header === undefined ? [] : [canonicalName(header)]));
  return {
    listen: data.listen,
    maxBodyBytes: data.maxBodyBytes ?? DEFAULT_BODY_BYTES,
    routes,
    deleted: new Set(['authorization', 'proxy-authorization', ...injected]),
  };
}

/** The policy in the text of a `routes.yaml`. Throws a {@link PolicyError}. */
export function parseRoutes(text: string): EgressPolicy {
  let document: unknown;
  try {
    document = parse(text, { version: '1.2', uniqueKeys: true });
  } catch {
    throw new PolicyError('the file', 'not YAML');
  }
  return egressPolicy(document);
}
