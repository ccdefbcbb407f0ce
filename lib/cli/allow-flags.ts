/** The flags of `bottle allow` as changes of a policy. */

import { BottleError } from '../errors.ts';
import type { GrantAuth, PolicyChange } from '../operate/grants/index.ts';
import { type AuthScheme, quoted } from '../plan/index.ts';
import { expiryOf } from './expiry.ts';

export interface AllowFlags {
  readonly remove?: boolean;
  readonly show?: boolean;
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
  readonly why?: string;
  readonly dryRun?: boolean;
}

const usage = (message: string, fix: string): BottleError =>
  new BottleError('usage/allow', message, { fix, exitCode: 2 });

const SCHEMES: readonly AuthScheme[] = ['Bearer', 'token', 'Basic', 'header'];

function authOf({ credential, scheme, header, user }: AllowFlags): GrantAuth | undefined {
  if (credential === undefined) {
    if (scheme === undefined && header === undefined && user === undefined) return undefined;
    throw usage(
      '--scheme, --header and --user say how a credential is sent, and none is named',
      'add --credential NAME',
    );
  }
  const wanted = scheme ?? (header !== undefined ? 'header' : user !== undefined ? 'Basic' : 'Bearer');
  const found = SCHEMES.find((known) => known === wanted);
  if (found === undefined)
    throw usage(`--scheme ${quoted(wanted)}; allowed: ${SCHEMES.join(', ')}`, 'name one of these');
  return {
    scheme: found,
    from: credential,
    ...(header === undefined ? {} : { header }),
    ...(user === undefined ? {} : { user }),
  };
}

/** `443` as a number; anything else as one that no rule lets through. */
const portOf = (text: string): number => (/^\d{1,5}$/.test(text) ? Number(text) : Number.NaN);

const words = (values: readonly string[]): readonly string[] => values.flatMap((value) => value.split(','));

function assertOneMode(hosts: readonly string[], flags: AllowFlags): void {
  const { remove, show, why: _why, dryRun: _dryRun, ...opening } = flags;
  const named = Object.entries(opening).filter(([, value]) => value !== undefined && value !== false);
  const forOpening = [
    'method',
    'pathPrefix',
    'port',
    'tlsPassthrough',
    'webSocket',
    'expires',
    'credential',
    'scheme',
    'header',
    'user',
  ];
  const clash = named.find(([name]) => forOpening.includes(name));
  if (show === true && (hosts.length > 0 || remove === true || clash !== undefined)) {
    throw usage('--show lists what is open, and takes no hosts and no other change', 'leave the rest out');
  }
  if (remove === true && clash !== undefined) {
    throw usage('--remove closes a host whole', 'leave the other flags out');
  }
  if (show !== true && hosts.length === 0) {
    throw usage('no host is named', 'name one, e.g. bottle allow demo docs.example.org, or list them with --show');
  }
  const twice = hosts.find((host, index) => hosts.indexOf(host) !== index);
  if (twice !== undefined) throw usage(`${quoted(twice)} is named twice`, 'name it once');
}

/** The changes that `hosts` and `flags` ask for; none with `--show`. Throws a usage error on what does not go together. */
export function allowChanges(hosts: readonly string[], flags: AllowFlags, now: Date): readonly PolicyChange[] {
  assertOneMode(hosts, flags);
  if (flags.remove === true) return hosts.map((host) => ({ kind: 'close', host }));
  const auth = authOf(flags);
  const { method, pathPrefix, port, tlsPassthrough, webSocket, expires } = flags;
  return hosts.map((host) => ({
    kind: 'open',
    host,
    ...(method === undefined ? {} : { methods: words(method) }),
    ...(pathPrefix === undefined ? {} : { pathPrefixes: pathPrefix }),
    ...(port === undefined ? {} : { ports: words(port).map(portOf) }),
    ...(auth === undefined ? {} : { auth }),
    ...(tlsPassthrough === true ? { tlsPassthrough } : {}),
    ...(webSocket === true ? { webSocket } : {}),
    ...(expires === undefined ? {} : { expires: expiryOf(expires, now.getTime()) }),
  }));
}
