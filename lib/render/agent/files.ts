/** The files of `<slug>/agent/`, which the agent's container has read-only at AGENT_DIR. */

import { basename } from 'node:path';
import {
  AGENT_DIR,
  AGENT_PROMPT,
  type BottlePlan,
  GIT_GATE_URL,
  WORKSPACE_DIR,
  WORKSPACE_STATUS_FILE,
} from '../../plan/index.ts';
import { renderClaudeFiles } from './claude.ts';
import { renderEntrypoint } from './entrypoint.ts';
import { renderGitconfig } from './gitconfig.ts';

/** File texts by path below `agent/`. The merged CA bundle is not among them: deploy adds it. */
export function renderAgentFiles(plan: BottlePlan): Record<string, string> {
  const { workspace } = plan.agent;
  const { gitGate, supervise } = plan.sidecars;
  const entrypoint = renderEntrypoint({
    agentDir: AGENT_DIR,
    workspaceDir: WORKSPACE_DIR,
    statusFile: WORKSPACE_STATUS_FILE,
    supervise: supervise !== undefined,
    ...(workspace?.kind !== 'clone'
      ? {}
      : { clone: { remote: workspace.remote, url: `${GIT_GATE_URL}${workspace.remote}.git` } }),
  });
  return {
    'entrypoint.sh': entrypoint,
    ...(gitGate === undefined || gitGate.remotes.length === 0 ? {} : { gitconfig: renderGitconfig(gitGate.remotes) }),
    ...renderClaudeFiles(supervise !== undefined),
    ...(plan.agent.prompt === undefined ? {} : { [basename(AGENT_PROMPT)]: plan.agent.prompt }),
  };
}
