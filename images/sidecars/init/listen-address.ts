/** Where a daemon listens, read from the configuration file that the daemon itself reads. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Daemon } from '../../../lib/plan/daemons.ts';
import { CONFIG_FILE } from '../../../lib/plan/paths.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where the address stands in each daemon's file. */
const KEY_PATH: Readonly<Record<Daemon, readonly string[]>> = {
  egress: ['listen'],
  pipelock: ['fetch_proxy', 'listen'],
  'git-gate': ['listen'],
  supervise: ['listen'],
};

function valueAt(document: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    document,
  );
}

/** The address in the text of `daemon`'s configuration file (JSON is YAML). Throws if there is none. */
export function listenAddressIn(daemon: Daemon, text: string): Address {
  const value = valueAt(parse(text), KEY_PATH[daemon]);
  const [, host, port] = (typeof value === 'string' && /^([^\s:/]+):(\d{1,5})$/.exec(value)) || [];
  if (host === undefined || port === undefined) {
    throw new Error(`no ${KEY_PATH[daemon].join('.')} of the form host:port in ${CONFIG_FILE[daemon]}`);
  }
  return { host, port: Number(port) };
}

/** The address that `daemon` listens on if it is started now. Throws if its file cannot be read or names none. */
export function listenAddressOf(daemon: Daemon): Address {
  return listenAddressIn(daemon, readFileSync(CONFIG_FILE[daemon], 'utf8'));
}
