/** The flags of `bottle allow` as changes of a policy. */

import { BottleError } from '../errors.ts';
import type { PolicyChange } from '../operate/grants/index.ts';
import { quoted } from '../plan/index.ts';
import { OPENING_FLAGS, type OpeningFlags, openingOf } from './opening-flags.ts';

export interface AllowFlags extends OpeningFlags {
  readonly remove?: boolean;
  readonly show?: boolean;
  readonly why?: string;
  readonly dryRun?: boolean;
}

const usage = (message: string, fix: string): BottleError =>
  new BottleError('usage/allow', message, { fix, exitCode: 2 });

function assertOneMode(hosts: readonly string[], flags: AllowFlags): void {
  const { remove, show } = flags;
  const opens = OPENING_FLAGS.some((flag) => flags[flag] !== undefined && flags[flag] !== false);
  if (show === true && (hosts.length > 0 || remove === true || opens)) {
    throw usage('--show lists what is open, and takes no hosts and no other change', 'leave the rest out');
  }
  if (remove === true && opens) {
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
  const { credential, scheme = 'Bearer', header, user, ...opening } = openingOf(flags, now.getTime());
  const sent = { ...(header === undefined ? {} : { header }), ...(user === undefined ? {} : { user }) };
  const auth = credential === undefined ? {} : { auth: { scheme, from: credential, ...sent } };
  return hosts.map((host) => ({ kind: 'open', host, ...opening, ...auth }));
}
