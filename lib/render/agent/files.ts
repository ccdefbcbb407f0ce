/** The files of `<slug>/agent/`, which the agent's container has read-only at AGENT_DIR. */

import { basename } from 'node:path';
import {
  AGENT_DIR,
  AGENT_GUARD,
  AGENT_PROMPT,
  type BottlePlan,
  GIT_GATE_URL,
  isWritableBind,
  PROTECTED_LIST,
  WORKSPACE_SNAPSHOT_DIR,
  WORKSPACE_STATUS_FILE,
  type WorkspacePlan,
  workspaceDirectory,
  workspaceName,
} from '../../plan/index.ts';
import { renderClaudeFiles } from './claude.ts';
import { renderEntrypoint } from './entrypoint.ts';
import { renderGitconfig } from './gitconfig.ts';
import { renderGuard } from './workspace-guard.ts';
import type { WorkspaceStep } from './workspace-script.ts';

function workspaceStep(workspace: WorkspacePlan): WorkspaceStep {
  const directory = workspaceDirectory(workspace);
  switch (workspace.kind) {
    case 'clone':
      return { kind: 'clone', directory, url: `${GIT_GATE_URL}${workspace.remote}.git` };
    case 'copy':
      return { kind: 'copy', directory, source: `${WORKSPACE_SNAPSHOT_DIR}/${workspaceName(workspace)}` };
    case 'bind': {
      const { readOnly } = workspace;
      return { kind: 'bind', directory, readOnly, ...(readOnly ? {} : { guard: AGENT_GUARD }) };
    }
  }
}

/** File texts by path below `agent/`. The merged CA bundle is not among them: deploy adds it. */
export function renderAgentFiles(plan: BottlePlan): Record<string, string> {
  const { workspace } = plan.agent;
  const { gitGate, supervise } = plan.sidecars;
  const entrypoint = renderEntrypoint({
    agentDir: AGENT_DIR,
    statusFile: WORKSPACE_STATUS_FILE,
    supervise: supervise !== undefined,
    ...(workspace === undefined ? {} : { workspace: workspaceStep(workspace) }),
  });
  return {
    'entrypoint.sh': entrypoint,
    ...(isWritableBind(workspace)
      ? { [basename(AGENT_GUARD)]: renderGuard(workspaceDirectory(workspace), PROTECTED_LIST) }
      : {}),
    ...(gitGate === undefined || gitGate.remotes.length === 0 ? {} : { gitconfig: renderGitconfig(gitGate.remotes) }),
    ...renderClaudeFiles(supervise !== undefined),
    ...(plan.agent.prompt === undefined ? {} : { [basename(AGENT_PROMPT)]: plan.agent.prompt }),
  };
}
