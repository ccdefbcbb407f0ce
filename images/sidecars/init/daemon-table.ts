/** What the init starts (docs/reference/bundle.md, "Programs"). */

import { statSync } from 'node:fs';
import type { Daemon } from '../../../lib/plan/daemons.ts';
import { PRIVATE_DIR, SECRET_DIR, type SecretHoldingDaemon, SUPERVISE_QUEUE_DIR } from '../../../lib/plan/paths.ts';
import { PROBE_OF } from './daemon-probes.ts';
import type { Identities } from './identity.ts';
import type { DaemonSpec } from './spec.ts';
import { type Territory, territoryBelowReaper, territoryOfUser } from './strays.ts';

interface Program {
  readonly argv: readonly [string, ...string[]];
  readonly home: string;
  /** Prefix of the names of the variables that are this daemon's, and no other's. */
  readonly variables?: string;
  readonly umask?: number;
  readonly reloads: boolean;
}

const PROGRAM: Readonly<Record<Daemon, Program>> = {
  egress: {
    argv: ['/usr/local/bin/egress_entrypoint.sh'],
    home: '/home/mitmproxy',
    variables: 'EGRESS_',
    reloads: true,
  },
  pipelock: { argv: ['/usr/local/bin/pipelock_entrypoint.sh'], home: PRIVATE_DIR.pipelock, reloads: true },
  'git-gate': { argv: ['/usr/local/bin/git-gate_entrypoint.sh'], home: PRIVATE_DIR['git-gate'], reloads: false },
  supervise: {
    argv: ['node', '/opt/claude-bottle/supervise.cjs'],
    home: '/tmp',
    variables: 'SUPERVISE_',
    // The queue is 2770 on the host: its files are for the daemon and for the directory's group.
    umask: 0o007,
    reloads: false,
  },
};

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** All of `daemon`'s environment, taken from the init's: never a proxy variable, never another daemon's secret. */
export function daemonEnvironment(daemon: Daemon, environment: NodeJS.ProcessEnv): Record<string, string> {
  const { home, variables } = PROGRAM[daemon];
  const own: Record<string, string> = {
    PATH: environment['PATH'] ?? DEFAULT_PATH,
    HOME: home,
    LANG: environment['LANG'] ?? 'C.UTF-8',
  };
  for (const [name, value] of Object.entries(environment)) {
    if (variables !== undefined && name.startsWith(variables) && value !== undefined) own[name] = value;
  }
  return own;
}

const holdsSecrets = (daemon: Daemon): daemon is SecretHoldingDaemon => Object.hasOwn(SECRET_DIR, daemon);

/** Group of the mounted queue directory; undefined where none is mounted. */
export function queueGroup(): number | undefined {
  return statSync(SUPERVISE_QUEUE_DIR, { throwIfNoEntry: false })?.gid;
}

/** As the init's own user there is one daemon at most, which all strays are then of. */
function territoryOf(daemon: Daemon, identities: Identities): Territory | undefined {
  return identities.kind === 'switched' ? territoryOfUser(identities.of(daemon)) : territoryBelowReaper();
}

/** The specifications of `daemons`. */
export function daemonSpecs(
  daemons: readonly Daemon[],
  identities: Identities,
  environment: NodeJS.ProcessEnv,
): readonly DaemonSpec[] {
  return daemons.map((daemon) => {
    const { argv, umask, reloads } = PROGRAM[daemon];
    const territory = territoryOf(daemon, identities);
    return {
      name: daemon,
      argv,
      env: daemonEnvironment(daemon, environment),
      ...(identities.kind === 'switched' ? { identity: identities.of(daemon) } : {}),
      ...(umask === undefined ? {} : { umask }),
      ...(holdsSecrets(daemon) ? { secrets: { from: SECRET_DIR[daemon], to: PRIVATE_DIR[daemon] } } : {}),
      reloads,
      probe: PROBE_OF[daemon],
      ...(territory === undefined ? {} : { territory }),
    };
  });
}
