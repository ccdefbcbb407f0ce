/**
 * What Claude Code finds in its home on the first start: `~/.claude.json` (user scope, which it uses without asking
 * for approval) and `~/.claude/settings.json`. A managed-mcp.json below /etc would take every other server away from
 * the user, and a `.mcp.json` would lie in the repository and ask for approval. Seen with Claude Code 2.1.
 */

import { SUPERVISE_MCP_URL, WORKSPACE_DIR } from '../../plan/index.ts';
import { jsonText } from '../yaml.ts';

/** Name under which the agent knows supervise: tools are `mcp__<name>__<tool>`. */
export const SUPERVISE_SERVER_NAME = 'claude-bottle-supervise';

/** File names below the agent's directory. */
export const CLAUDE_FILE = {
  config: 'claude/claude.json',
  settings: 'claude/settings.json',
  /** supervise's entry alone, for a home that has a `.claude.json` already. */
  supervise: 'claude/supervise.json',
} as const;

const SUPERVISE_SERVER = { type: 'http', url: SUPERVISE_MCP_URL };

export function renderClaudeFiles(supervise: boolean): Readonly<Record<string, string>> {
  return {
    [CLAUDE_FILE.config]: jsonText({
      hasCompletedOnboarding: true,
      // The bottle is the trust boundary; a dialogue inside it protects nothing.
      projects: { [WORKSPACE_DIR]: { hasTrustDialogAccepted: true } },
      ...(supervise ? { mcpServers: { [SUPERVISE_SERVER_NAME]: SUPERVISE_SERVER } } : {}),
    }),
    [CLAUDE_FILE.settings]: jsonText({ skipDangerousModePermissionPrompt: true }),
    ...(supervise ? { [CLAUDE_FILE.supervise]: jsonText(SUPERVISE_SERVER) } : {}),
  };
}
