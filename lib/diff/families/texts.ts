/** Files that are plain text: what the agent is given to start, to know and to obey. */

import { basename } from 'node:path';
import { AGENT_ENTRYPOINT } from '../../plan/index.ts';
import { changes, family, type Said } from '../family.ts';
import { named } from '../shown.ts';
import type { Side } from '../side.ts';

const PROMPT = 'agent/prompt.md';
const ENTRYPOINT = `agent/${basename(AGENT_ENTRYPOINT)}`;

const WHAT: Readonly<Record<string, string>> = {
  [PROMPT]: 'standing instructions of the agent',
  [ENTRYPOINT]: "first program of the agent's container",
  'agent/gitconfig': 'git configuration of the agent',
  'agent/claude/claude.json': 'configuration of Claude Code',
  'agent/claude/settings.json': 'settings of Claude Code',
  'agent/claude/supervise.json': "supervise as Claude Code's server",
};

export const texts = family<string>({
  kind: 'file',
  read: (side: Side) => {
    const found = new Map([...side.texts].map(([path, value]) => [path, { value, files: [path] }]));
    side.texts.clear();
    return found;
  },
  describe: (path, before, after): readonly Said[] => {
    const what = WHAT[path];
    const how = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    const text = `${named(path)}${what === undefined ? '' : ` (${what})`} ${how}`;
    return [changes(path === PROMPT ? 'prompt' : 'file', path, text)];
  },
});
