/** Under which users the daemons run. */

import { readFileSync } from 'node:fs';
import { DAEMON_UID, type Daemon } from '../../../lib/plan/daemons.ts';
import type { Identity } from './spec.ts';

/** Bits of capabilities(7) in the masks of /proc/<pid>/status. */
const CAPABILITY_BIT = { KILL: 5, SETGID: 6, SETUID: 7 } as const;

type Capability = keyof typeof CAPABILITY_BIT;

/** The init's own user and what it may do. */
export interface Privileges {
  readonly uid: number;
  /** Effective capabilities as a bit mask. */
  readonly capabilities: bigint;
}

/** Identities, or absent ones where the init cannot switch users and runs its only daemon as itself. */
export type Identities =
  | { readonly kind: 'switched'; readonly of: (daemon: Daemon) => Identity }
  | { readonly kind: 'own' };

/** The capability mask in the text of a /proc/<pid>/status. */
export function effectiveCapabilities(status: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

export function ownPrivileges(): Privileges {
  const uid = process.geteuid?.() ?? 0;
  return { uid, capabilities: effectiveCapabilities(readFileSync('/proc/self/status', 'latin1')) };
}

/**
 * How `daemons` run. Throws where they could not be kept apart: root without the three capabilities, several daemons
 * under a user that cannot switch, a queue that belongs to another daemon's group. `queueGroup` is the group of the
 * mounted queue directory, which supervise runs under.
 */
export function daemonIdentities(
  daemons: readonly Daemon[],
  { uid, capabilities }: Privileges,
  queueGroup: number | undefined,
): Identities {
  if (uid !== 0) {
    if (daemons.length > 1) {
      throw new Error(`uid ${uid} cannot keep ${daemons.join(', ')} apart: run as root, or one daemon a container`);
    }
    return { kind: 'own' };
  }
  const missing = (Object.keys(CAPABILITY_BIT) as Capability[]).filter(
    (name) => (capabilities & (1n << BigInt(CAPABILITY_BIT[name]))) === 0n,
  );
  if (missing.length > 0) throw new Error(`root lacks the capabilities ${missing.join(', ')}`);
  const others = new Set<number>(Object.values(DAEMON_UID).filter((gid) => gid !== DAEMON_UID.supervise));
  if (daemons.includes('supervise') && queueGroup !== undefined && others.has(queueGroup)) {
    throw new Error(`the queue belongs to group ${queueGroup}, which another daemon runs under`);
  }
  return {
    kind: 'switched',
    of: (daemon) => ({
      uid: DAEMON_UID[daemon],
      gid: (daemon === 'supervise' ? queueGroup : undefined) ?? DAEMON_UID[daemon],
    }),
  };
}
