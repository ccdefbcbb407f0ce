/** The agent's environment (domain §2). */

import {
  AGENT_CA_BUNDLE,
  AGENT_GITCONFIG,
  type BottlePlan,
  EGRESS_URL,
  type EnvPlan,
  PLACEHOLDER,
  pipelockUrl,
  TRUST_VARIABLES,
} from '../../plan/index.ts';

/** A client's own time-out must never be what ends the wait for an operator. */
const TIMEOUT_MARGIN_SECONDS = 60;

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

const literals = (names: readonly string[], value: string): readonly EnvPlan[] =>
  names.map((name) => ({ kind: 'literal', name, value }));

function proxyVariables({ slug, sidecars }: BottlePlan): readonly EnvPlan[] {
  const proxy = sidecars.egress === undefined ? pipelockUrl(slug) : EGRESS_URL;
  // A call of supervise's waits for minutes, which a proxy's idle time-out would cut; git-gate speaks no HTTP.
  const direct = [
    ...LOOPBACK_NAMES,
    ...(sidecars.supervise === undefined ? [] : ['supervise']),
    ...(sidecars.gitGate === undefined ? [] : ['git-gate']),
  ];
  return [
    ...literals(['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'], proxy),
    ...literals(['NO_PROXY', 'no_proxy'], direct.join(',')),
  ];
}

/** Claude Code's limits on a tool call, in milliseconds: in all, and without a word from the server. */
function superviseVariables({ supervise }: BottlePlan['sidecars']): readonly EnvPlan[] {
  if (supervise === undefined) return [];
  const limit = String((supervise.deadlineSeconds + TIMEOUT_MARGIN_SECONDS) * 1_000);
  return literals(['MCP_TOOL_TIMEOUT', 'CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT'], limit);
}

/**
 * The agent's variables, each name once, in a stable order: ours, a placeholder for each credential that a route uses,
 * then the declared ones, which take the place of any of ours. Literal values are as they are: escaping is for whoever
 * writes them into a file.
 */
export function agentEnvironment(plan: BottlePlan): readonly EnvPlan[] {
  const { egress, gitGate } = plan.sidecars;
  const declared = new Set(plan.agent.env.map(({ name }) => name));
  const ours = [
    ...proxyVariables(plan),
    ...literals(TRUST_VARIABLES, AGENT_CA_BUNDLE),
    ...(gitGate === undefined || gitGate.remotes.length === 0 ? [] : literals(['GIT_CONFIG_SYSTEM'], AGENT_GITCONFIG)),
    ...superviseVariables(plan.sidecars),
    ...literals(egress?.tokens ?? [], PLACEHOLDER),
  ];
  return [...ours.filter(({ name }) => !declared.has(name)), ...plan.agent.env];
}
