/**
 * The four daemons of the sidecar bundle: names, ports and identities, in the one place that constructs, rules,
 * renderers, the init and the tests all read.
 */

/** The daemons in canonical order: the order of start, of lists in rendered files, and of output. */
export const DAEMONS = ['egress', 'pipelock', 'git-gate', 'supervise'] as const;

export type Daemon = (typeof DAEMONS)[number];

/** Variable of a sidecar container that names the daemons it runs, by commas; unset or empty means all. */
export const DAEMONS_VARIABLE = 'CLAUDE_BOTTLE_SIDECAR_DAEMONS';

/** The TCP port each daemon listens on. */
export const DAEMON_PORT: Readonly<Record<Daemon, number>> = {
  egress: 9099,
  pipelock: 8888,
  'git-gate': 9418,
  supervise: 9100,
};

/** The uid (and primary gid) each daemon runs under inside the bundle. */
export const DAEMON_UID: Readonly<Record<Daemon, number>> = {
  egress: 10001,
  pipelock: 10002,
  'git-gate': 10003,
  supervise: 10004,
};

/** `text` as a daemon name, or undefined if it is none. */
export function daemonNamed(text: string): Daemon | undefined {
  return DAEMONS.find((daemon) => daemon === text);
}

/** The daemons of `daemons` in canonical order, each once. */
export function inCanonicalOrder(daemons: Iterable<Daemon>): readonly Daemon[] {
  const wanted = new Set(daemons);
  return DAEMONS.filter((daemon) => wanted.has(daemon));
}
