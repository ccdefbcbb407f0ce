import { agent } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

export const WORKSPACE_EXAMPLES: RuleExamples = {
  'bottles::workspace-name': {
    failing: agent("workspace: Workspace.copy('.')"),
    mended: agent("workspace: Workspace.copy('../app')"),
  },
  'bottles::workspace-runtime': {
    failing: agent("workspace: Workspace.bind('../app'), runtime: 'runsc'"),
    mended: agent("workspace: Workspace.copy('../app'), runtime: 'runsc'"),
  },
  'bottles::workspace-system-writable': {
    failing: agent("workspace: Workspace.bind('../app'), readOnlyRoot: false"),
    mended: agent("workspace: Workspace.bind('../app'), mounts: [Mount.volume('tools', '/opt/tools')]"),
  },
  'bottles::workspace-bind': {
    failing: agent("workspace: Workspace.bind('../app')"),
    mended: agent("workspace: Workspace.copy('../app')"),
  },
};
