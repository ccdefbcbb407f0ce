/** `entrypoint.sh`: PID 1 of the agent's container, in POSIX sh so that it runs in any image that has one. */

import { CLAUDE_FILE, SUPERVISE_SERVER_NAME } from './claude.ts';
import { word } from './shell-word.ts';
import { type WorkspaceStep, workspaceScript } from './workspace-script.ts';

export interface EntrypointOptions {
  /** Directory of the rendered files in the container. */
  readonly agentDir: string;
  readonly statusFile: string;
  readonly workspace?: WorkspaceStep;
  /** True if Claude Code is to know supervise. */
  readonly supervise: boolean;
}

const HEAD = `#!/bin/sh
# PID 1 of the agent's container: prepares the home and the workspace, then runs the command and passes signals on to
# it (a bare "sleep infinity" as PID 1 would ignore SIGTERM). No failure of the preparation keeps the command from
# running. Written by claude-bottle.
set -eu
exec 3<&0

child=
stopping=

say() {
  printf 'claude-bottle: %s\\n' "$*" >&2
}

# Children of a shell without job control ignore SIGINT, so every request to stop arrives as SIGTERM.
stop() {
  stopping=1
  if [ -n "$child" ]; then
    # Between fork and exec the shell's own handler would take the signal, and lose it.
    sleep 0.1 2>/dev/null || :
    kill -TERM "$child" 2>/dev/null || :
  fi
}
trap stop TERM INT QUIT

# start SECONDS COMMAND...: in the background, ended after SECONDS where the image has timeout(1); 0: never.
start() {
  limit=$1
  shift
  if [ "$limit" != 0 ] && command -v timeout >/dev/null 2>&1; then set -- timeout "$limit" "$@"; fi
  "$@" <&3 3<&- &
  child=$!
  # A request that came between two children is for this one.
  if [ -n "$stopping" ]; then stop; fi
}

# Waits for what start started; a signal interrupts "wait", not this. Orphans are reaped by the shell on the way.
finish() {
  while :; do
    code=0
    wait "$child" || code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  child=
  return "$code"
}

# put SOURCE TARGET: a private copy, whole or not at all, where there is none.
put() {
  if [ -e "$2" ]; then return 0; fi
  (umask 077 && mkdir -p "\${2%/*}" && cp "$1" "$2.$$" && mv "$2.$$" "$2") 2>/dev/null
}
`;

/** First of all: nothing of the agent's may have run before. */
function guarding(workspace: WorkspaceStep | undefined): string {
  if (workspace?.kind !== 'bind' || workspace.guard === undefined) return '';
  return `
if ! /bin/sh ${word(workspace.guard)}; then
  say 'the agent is not started'
  exit 78
fi
`;
}

function seeding({ agentDir, supervise }: EntrypointOptions): string {
  const config = word(`${agentDir}/${CLAUDE_FILE.config}`);
  const settings = word(`${agentDir}/${CLAUDE_FILE.settings}`);
  const existing = `# A home with settings of its own gets supervise's entry from Claude Code itself, which merges.
register() {
  case $(cat "$1" 2>/dev/null) in *'"${SUPERVISE_SERVER_NAME}"'*) return 0 ;; esac
  if ! command -v claude >/dev/null 2>&1; then return 1; fi
  start 60 env CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 \\
    claude mcp add-json --scope user ${SUPERVISE_SERVER_NAME} "$(cat ${word(`${agentDir}/${CLAUDE_FILE.supervise}`)})" >/dev/null 2>&1
  finish
}
`;
  return `
${supervise ? existing : ''}seed() {
  if [ -z "\${HOME:-}" ]; then return 1; fi
  put ${settings} "\${CLAUDE_CONFIG_DIR:-$HOME/.claude}/settings.json" || return 1
  put ${config} "\${CLAUDE_CONFIG_DIR:-$HOME}/.claude.json" || return 1
${supervise ? `  register "\${CLAUDE_CONFIG_DIR:-$HOME}/.claude.json"\n` : ''}}
seed || say 'the settings of Claude Code in the home directory are not complete'
`;
}

const TAIL = `
if [ -n "$stopping" ]; then exit 143; fi
if [ "$#" -eq 0 ]; then set -- sleep infinity; fi
start 0 "$@"
finish
`;

/** The script; its arguments are the command to run, `sleep infinity` if there are none. */
export function renderEntrypoint(options: EntrypointOptions): string {
  const { workspace, statusFile } = options;
  return [
    HEAD,
    guarding(workspace),
    seeding(options),
    workspace === undefined ? '' : workspaceScript(workspace, statusFile),
    TAIL,
  ].join('');
}
