/** The names by which the agent finds the daemons on the internal network. */

import type { BottlePlan } from './bottle-plan.ts';
import { DAEMON_PORT, type Daemon } from './daemons.ts';
import { EGRESS_URL, GIT_GATE_URL, longAlias, pipelockUrl, SUPERVISE_MCP_URL } from './names.ts';
import { servingNetwork } from './networks.ts';

/** The order of the canonical file (domain §2): two of the short names come last. */
const ALIAS_ORDER: readonly { readonly daemon: Daemon; readonly form: 'short' | 'long' }[] = [
  { daemon: 'pipelock', form: 'long' },
  { daemon: 'egress', form: 'short' },
  { daemon: 'egress', form: 'long' },
  { daemon: 'git-gate', form: 'long' },
  { daemon: 'supervise', form: 'short' },
  { daemon: 'supervise', form: 'long' },
  { daemon: 'pipelock', form: 'short' },
  { daemon: 'git-gate', form: 'short' },
];

/** Whether the internal network knows `daemon` by name. The bundle is on it whole, an inner hop of its own is not. */
const isKnownInside = (plan: BottlePlan, daemon: Daemon): boolean =>
  plan.sidecars.daemons.includes(daemon) &&
  (plan.sidecars.shape === 'bundle' || servingNetwork(plan, daemon) === 'internal');

/** The aliases on the internal network: a short and a long one for each daemon that is there. */
export function daemonAliases(plan: BottlePlan): readonly { readonly daemon: Daemon; readonly alias: string }[] {
  return ALIAS_ORDER.filter(({ daemon }) => isKnownInside(plan, daemon)).map(({ daemon, form }) => ({
    daemon,
    alias: form === 'short' ? daemon : longAlias(daemon, plan.slug),
  }));
}

/** A URL that the agent is given, and what for. */
export interface AgentUrl {
  readonly what: string;
  readonly url: string;
}

/** Every URL by which the agent is told to reach a daemon. */
export function agentUrls(plan: BottlePlan): readonly AgentUrl[] {
  const { egress, gitGate, supervise } = plan.sidecars;
  return [
    { what: 'the proxy', url: egress === undefined ? pipelockUrl(plan.slug) : EGRESS_URL },
    ...(gitGate === undefined ? [] : [{ what: 'git-gate', url: GIT_GATE_URL }]),
    ...(supervise === undefined ? [] : [{ what: 'supervise', url: SUPERVISE_MCP_URL }]),
  ];
}

/** The port that a URL of {@link agentUrls} dials. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' && protocol === 'git:' ? DAEMON_PORT['git-gate'] : Number(port);
}
