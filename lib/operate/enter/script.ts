/** What is run in the agent's container to enter it: POSIX sh, as its entrypoint is, so that any image will do. */

import { AGENT_PROMPT } from '../../plan/index.ts';

/** $1 is a directory to begin in, if it is there; the rest is the command. */
const IN_DIRECTORY = 'if [ -n "$1" ]; then cd -- "$1" 2>/dev/null || :; fi; shift';

const SHELL = 'if command -v bash >/dev/null 2>&1; then exec bash "$@"; fi; exec sh "$@"';

const COMMAND = 'exec "$@"';

/** The permission prompts are off, for the bottle is the boundary. */
const AGENT = [
  'if ! command -v claude >/dev/null 2>&1; then',
  '  echo "there is no claude in the image of this agent" >&2; exit 127',
  'fi',
  `if [ -r ${AGENT_PROMPT} ]; then set -- --append-system-prompt "$(cat ${AGENT_PROMPT})" "$@"; fi`,
  'exec claude --dangerously-skip-permissions "$@"',
].join('\n');

/** `shell`: what a person works in; `agent`: the agent program; `command`: what was named. */
export type EnterWhat = 'shell' | 'agent' | 'command';

const SCRIPT: Readonly<Record<EnterWhat, string>> = { shell: SHELL, agent: AGENT, command: COMMAND };

/** The words for `docker exec`: `words` are the command, or the arguments of the shell or the agent program. */
export const enterArguments = (what: EnterWhat, directory: string, words: readonly string[]): readonly string[] => [
  '/bin/sh',
  '-c',
  `${IN_DIRECTORY}\n${SCRIPT[what]}`,
  'sh',
  directory,
  ...words,
];

/** Variable by which the processes of one visit are found again, whatever became of them. */
export const VISIT_VARIABLE = 'CLAUDE_BOTTLE_VISIT';

/** Sends signal $1 to every process of the visit $2. An engine's exec forwards no signal by itself. */
export const SIGNAL_SCRIPT = `
for environ in /proc/[0-9]*/environ; do
  process=\${environ%/environ}
  if tr '\\0' '\\n' <"$environ" 2>/dev/null | grep -qx "${VISIT_VARIABLE}=$2"; then kill -s "$1" "\${process#/proc/}" 2>/dev/null || :; fi
done`;
