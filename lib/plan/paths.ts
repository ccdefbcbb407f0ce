/** Paths inside the containers, and below a bottle's directory on the host. */

import type { Daemon } from './daemons.ts';

/** Where a daemon finds its configuration: a directory, mounted read-only, whose files are replaced by rename. */
export const CONFIG_DIR: Readonly<Record<Daemon, string>> = {
  egress: '/etc/egress',
  pipelock: '/etc/pipelock',
  'git-gate': '/etc/git-gate',
  supervise: '/etc/supervise',
};

/** The one file in a daemon's configuration directory whose SHA-256 is the digest of the policy that it runs. */
export const CONFIG_FILE: Readonly<Record<Daemon, string>> = {
  egress: '/etc/egress/routes.yaml',
  pipelock: '/etc/pipelock/pipelock.yaml',
  'git-gate': '/etc/git-gate/git-gate.json',
  supervise: '/etc/supervise/supervise.json',
};

/** Host-owned secret files (0600 in a 0700 directory), one directory a daemon; the init copies them to {@link PRIVATE_DIR}. */
export const SECRET_DIR = {
  egress: '/run/secrets/egress',
  pipelock: '/run/secrets/pipelock',
  'git-gate': '/run/secrets/git-gate',
} as const;

/** A tmpfs of the daemon's own (its uid, mode 0700) that holds its copies of the secret files, same names. */
export const PRIVATE_DIR = {
  egress: '/home/mitmproxy/.mitmproxy',
  pipelock: '/run/pipelock',
  'git-gate': '/run/git-gate',
} as const;

export type SecretHoldingDaemon = keyof typeof SECRET_DIR;

/** Names of the files in the secret directories. */
export const SECRET_FILE = {
  /** Egress CA: certificate and SEC1 key concatenated, key first, as mitmproxy reads it. */
  mitmproxyCa: 'mitmproxy-ca.pem',
  /** Certificate of pipelock's CA, which mitmdump trusts upstream. */
  pipelockCa: 'pipelock-ca.pem',
  /** pipelock's own CA. */
  pipelockCert: 'ca.pem',
  pipelockKey: 'ca-key.pem',
} as const;

/** File of the private key of a git remote, below the secret and the private directory of git-gate. */
export const gitKeyFile = (remote: string): string => `${remote}.key`;

/** Directory with `trusted-cas.pem`: the definition's `trustedCAs`, concatenated by deploy (may be empty). */
export const TRUST_DIR = '/etc/claude-bottle/trust';
export const TRUSTED_CAS_FILE = `${TRUST_DIR}/trusted-cas.pem`;

export const GIT_MIRROR_DIR = '/git';
export const KNOWN_HOSTS_FILE = '/etc/git-gate/known_hosts';
export const SUPERVISE_QUEUE_DIR = '/run/supervise/queue';
/** Where the init leaves what happened to the daemons; `events/` of the state directory. */
export const EVENTS_DIR = '/run/claude-bottle-events';

/** tmpfs of the init: its health socket. */
export const INIT_DIR = '/run/claude-bottle';

/** The agent's read-only directory: what synth renders under `agent/` plus the merged CA bundle that deploy adds. */
export const AGENT_DIR = '/opt/claude-bottle';
export const AGENT_CA_BUNDLE = `${AGENT_DIR}/ca-bundle.pem`;
export const AGENT_GITCONFIG = `${AGENT_DIR}/gitconfig`;
export const AGENT_ENTRYPOINT = `${AGENT_DIR}/entrypoint.sh`;
/** The agent's standing instructions, should it have any; for every agent program that can be told of a file. */
export const AGENT_PROMPT = `${AGENT_DIR}/prompt.md`;
/**
 * Where Claude Code reads the skills of a machine's administrator: before those of its user, a project or a plugin, so
 * that none of them takes the name of one that is there. Seen with Claude Code 2.1.
 */
export const CLAUDE_SKILLS_DIR = '/etc/claude-code/.claude/skills';
export const WORKSPACE_DIR = '/workspace';
/** Where the agent finds, read-only, what deploy copied of the host for its workspace. */
export const WORKSPACE_SNAPSHOT_DIR = '/opt/claude-bottle-workspace';
/** Looks whether what {@link PROTECTED_LIST} names is mounted. */
export const AGENT_GUARD = `${AGENT_DIR}/guard.sh`;
/** In a workspace that is a directory of the host: what has to be mounted in it before anything runs. */
export const PROTECTED_LIST = `${AGENT_DIR}/protected`;
/** Written by the entrypoint: a state on the first line, then the last words of what failed (agent's text). */
export const WORKSPACE_STATUS_FILE = '/tmp/.claude-bottle-workspace';
/** Home of the user in our own agent image. */
export const AGENT_HOME = '/home/agent';
