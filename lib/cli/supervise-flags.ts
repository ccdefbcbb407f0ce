/** The flags of `bottle supervise` as terms, and whether they make sense together. */

import { BottleError } from '../errors.ts';
import type { Terms } from '../operate/proposals/index.ts';
import type { AuthScheme } from '../plan/index.ts';
import { expiryOf } from './expiry.ts';

export const VERDICT_FLAGS = ['approve', 'modify', 'reject'] as const;
export type VerdictFlag = (typeof VERDICT_FLAGS)[number];

export interface SuperviseFlags {
  readonly approve?: boolean;
  readonly modify?: boolean;
  readonly reject?: boolean;
  readonly note?: string;
  readonly credential?: string;
  readonly host?: string;
  readonly port?: readonly string[];
  readonly method?: readonly string[];
  readonly pathPrefix?: readonly string[];
  readonly scheme?: string;
  readonly header?: string;
  readonly user?: string;
  readonly tlsPassthrough?: boolean;
  readonly webSocket?: boolean;
  readonly expires?: string;
  readonly dockerfile?: string;
  readonly saveDockerfile?: string;
  readonly once?: boolean;
  readonly watch?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const TERMS = [
  'credential',
  'host',
  'port',
  'method',
  'pathPrefix',
  'scheme',
  'header',
  'user',
  'tlsPassthrough',
  'webSocket',
  'expires',
] as const;

const flagName = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const usage = (message: string, fix?: string): BottleError =>
  new BottleError('usage/supervise', message, { exitCode: 2, ...(fix === undefined ? {} : { fix }) });

/** The one verdict that the flags name, if they do. */
export function verdictFlag(flags: SuperviseFlags): VerdictFlag | undefined {
  const named = VERDICT_FLAGS.filter((verdict) => flags[verdict] === true);
  if (named.length > 1) throw usage(`${named.map(flagName).join(' and ')} contradict each other`);
  const [verdict] = named;
  const terms: string[] = [...TERMS, 'dockerfile'].filter((key) => Reflect.get(flags, key) !== undefined);
  if (verdict === undefined || verdict === 'reject') {
    const stray = verdict === undefined && flags.note !== undefined ? [...terms, 'note'] : terms;
    if (stray.length > 0) {
      throw usage(`${stray.map(flagName).join(', ')} without --approve or --modify`, 'say what you decide');
    }
  }
  return verdict;
}

const SCHEMES: Readonly<Record<string, AuthScheme>> = {
  bearer: 'Bearer',
  token: 'token',
  basic: 'Basic',
  header: 'header',
};

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw usage(`--port ${text}: not a number`);
}

function schemeOf(text: string): AuthScheme {
  const scheme = SCHEMES[text.toLowerCase()];
  if (scheme === undefined) throw usage(`--scheme ${text}: allowed are Bearer, token, Basic and header`);
  return scheme;
}

export function termsOf(flags: SuperviseFlags): Terms {
  const { credential, host, port, method, pathPrefix, scheme, header, user, tlsPassthrough, webSocket, expires } =
    flags;
  return {
    ...(credential === undefined ? {} : { credential }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { ports: port.map(portOf) }),
    ...(method === undefined ? {} : { methods: method }),
    ...(pathPrefix === undefined ? {} : { pathPrefixes: pathPrefix }),
    ...(scheme === undefined ? {} : { scheme: schemeOf(scheme) }),
    ...(header === undefined ? {} : { header }),
    ...(user === undefined ? {} : { user }),
    ...(tlsPassthrough === undefined ? {} : { tlsPassthrough }),
    ...(webSocket === undefined ? {} : { webSocket }),
    ...(expires === undefined ? {} : { expires: expiryOf(expires) }),
  };
}
