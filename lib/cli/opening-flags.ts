/** The flags that say what to open of a host, and how: the same ones for `bottle allow` and `bottle supervise`. */

import { BottleError } from '../errors.ts';
import type { Terms } from '../operate/proposals/index.ts';
import { type AuthScheme, quoted } from '../plan/index.ts';
import { methodProblem, pathPrefixProblem, portProblem } from '../rules/route-values.ts';
import { expiryOf } from './expiry.ts';

export interface OpeningFlags {
  readonly method?: readonly string[];
  readonly pathPrefix?: readonly string[];
  readonly port?: readonly string[];
  readonly tlsPassthrough?: boolean;
  readonly webSocket?: boolean;
  readonly expires?: string;
  readonly credential?: string;
  readonly scheme?: string;
  readonly header?: string;
  readonly user?: string;
}

export const OPENING_FLAGS = [
  'credential',
  'port',
  'method',
  'pathPrefix',
  'scheme',
  'header',
  'user',
  'tlsPassthrough',
  'webSocket',
  'expires',
] as const satisfies readonly (keyof OpeningFlags)[];

/** What the flags say, whatever the host is. */
export type Opening = Omit<Terms, 'host'>;

/** `pathPrefix` as it is typed: `--path-prefix`. */
export const flagName = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** `problem` follows the value: it says what is allowed. */
const badValue = (flag: string, value: string, problem: string): BottleError =>
  new BottleError(`usage/${flag}`, `--${flag} ${quoted(value)}: ${problem}`, {
    fix: `correct --${flag}`,
    exitCode: 2,
  });

/** Throws at the first of `values` that `problemOf` finds one in; `said` are the words that were typed for them. */
function checked<T>(
  flag: string,
  said: readonly string[],
  values: readonly T[],
  problemOf: (values: readonly T[], index: number) => string | undefined,
): readonly T[] {
  for (const [index, word] of said.entries()) {
    const problem = problemOf(values, index);
    if (problem !== undefined) throw badValue(flag, word, problem);
  }
  return values;
}

/** Repeated, or in one word with commas. */
const words = (values: readonly string[]): readonly string[] =>
  values.flatMap((value) => value.split(',')).map((word) => word.trim());

function portsOf(values: readonly string[]): readonly number[] {
  const said = words(values);
  const ports = said.map((word) => (/^\d{1,5}$/.test(word) ? Number(word) : Number.NaN));
  return checked('port', said, ports, portProblem);
}

function methodsOf(values: readonly string[]): readonly string[] {
  const said = words(values);
  const methods = said.map((word) => word.toUpperCase());
  return checked('method', said, methods, methodProblem);
}

const SCHEMES: readonly AuthScheme[] = ['Bearer', 'token', 'Basic', 'header'];

/** The scheme that is named, or that a header or a user name can only mean. */
function schemeOf({ scheme, header, user }: OpeningFlags): AuthScheme | undefined {
  if (scheme === undefined) return header !== undefined ? 'header' : user !== undefined ? 'Basic' : undefined;
  const found = SCHEMES.find((known) => known.toLowerCase() === scheme.toLowerCase());
  if (found === undefined) throw badValue('scheme', scheme, `allowed: ${SCHEMES.join(', ')}`);
  return found;
}

function assertCredentialNamed(flags: OpeningFlags): void {
  if (flags.credential !== undefined) return;
  const stray = (['scheme', 'header', 'user'] as const).find((key) => flags[key] !== undefined);
  if (stray === undefined) return;
  throw new BottleError('usage/credential', `--${stray} says how a credential is sent, and none is named`, {
    fix: 'add --credential NAME',
    exitCode: 2,
  });
}

/** What `flags` say to open. Throws a usage error that names the flag, its value and what is allowed. */
export function openingOf(flags: OpeningFlags, now: number = Date.now()): Opening {
  const { credential, port, method, pathPrefix, header, user, tlsPassthrough, webSocket, expires } = flags;
  const scheme = schemeOf(flags);
  assertCredentialNamed(flags);
  return {
    ...(port === undefined ? {} : { ports: portsOf(port) }),
    ...(method === undefined ? {} : { methods: methodsOf(method) }),
    // Not split at commas: a path may hold one.
    ...(pathPrefix === undefined
      ? {}
      : { pathPrefixes: checked('path-prefix', pathPrefix, pathPrefix, pathPrefixProblem) }),
    ...(credential === undefined ? {} : { credential }),
    ...(scheme === undefined ? {} : { scheme }),
    ...(header === undefined ? {} : { header }),
    ...(user === undefined ? {} : { user }),
    ...(tlsPassthrough === true ? { tlsPassthrough } : {}),
    ...(webSocket === true ? { webSocket } : {}),
    ...(expires === undefined ? {} : { expires: expiryOf(expires, now) }),
  };
}
