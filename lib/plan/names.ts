/** Every name that is derived from a bottle's slug. */

import { DAEMON_PORT, type Daemon } from './daemons.ts';

/** Prefix of everything of ours that an engine holds: projects, containers, images. */
export const NAME_PREFIX = 'claude-bottle-';

/** A DNS label (RFC 1123): lower case, digits, inner hyphens, at most 63 characters. */
export const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Longest slug, so that every name derived from it is still a DNS label. */
export const SLUG_MAX = 39;

/** A slug may not start with one of these: it would take another bottle's names. */
export const RESERVED_SLUG_PREFIXES = ['sidecars-', 'pipelock-', 'egress-', 'git-gate-', 'supervise-'] as const;

export const projectName = (slug: string): string => `${NAME_PREFIX}${slug}`;
export const agentContainerName = (slug: string): string => `${NAME_PREFIX}${slug}`;
export const sidecarsContainerName = (slug: string): string => `${NAME_PREFIX}sidecars-${slug}`;

/** The alias of a daemon that is unique on any network: `claude-bottle-<daemon>-<slug>`. */
export const longAlias = (daemon: Daemon, slug: string): string => `${NAME_PREFIX}${daemon}-${slug}`;

/** The alias that a daemon with a container of its own binds: it is on the network on which it serves and no other. */
export const listenAlias = (daemon: Daemon, slug: string): string => `listen-${daemon}-${slug}`;

/** The pipelock URL: always the long alias, so that it is the same inside the bundle and from the agent. */
export const pipelockUrl = (slug: string): string => `http://${longAlias('pipelock', slug)}:${DAEMON_PORT.pipelock}`;

/** The proxy URL of an agent whose bottle has egress. */
export const EGRESS_URL = `http://egress:${DAEMON_PORT.egress}`;

/** The MCP endpoint of supervise, as the agent dials it. */
export const SUPERVISE_MCP_URL = `http://supervise:${DAEMON_PORT.supervise}/mcp`;

/** The URL prefix of git-gate's mirrors, as the agent dials it. */
export const GIT_GATE_URL = 'git://git-gate/';

/** Name of the environment variable that carries the n-th distinct token of egress; n counts from 0. */
export const tokenSlotName = (slot: number): string => `EGRESS_TOKEN_${slot}`;

/** Variable that relative sources of the definition start with in compose.yaml: only deploy knows where that is. */
export const PROJECT_DIR_VARIABLE = 'CLAUDE_BOTTLE_PROJECT_DIR';

/** Who may have variables of its own: a bottle's agent, or its sidecars, all of them the same. */
export type EnvOwner = 'agent' | 'sidecars';

/** Name of the environment variable by which compose gets the answer for a variable that is asked for. */
export const answerSlotName = (owner: EnvOwner, variable: string): string =>
  `CLAUDE_BOTTLE_ANSWER_${owner.toUpperCase()}_${variable}`;

/** Labels that only we, Compose or the engine set, by their beginnings. */
export const RESERVED_LABEL_PREFIXES = ['claude-bottle.', 'com.docker.', 'io.docker.', 'org.dockerproject.'] as const;

/** Whether a label of this name is not the definition's to set, in any letter case. */
export const isReservedLabel = (name: string): boolean =>
  RESERVED_LABEL_PREFIXES.some((prefix) => `${name.toLowerCase()}.`.startsWith(prefix));

/** Labels on containers, networks and volumes. */
export const LABEL = {
  slug: 'claude-bottle.slug',
  app: 'claude-bottle.app',
  digest: 'claude-bottle.digest',
  scanner: 'claude-bottle.scanner',
} as const;
