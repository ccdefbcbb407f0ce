/** `entrypoint.sh`: PID 1 of the agent's container, in POSIX sh so that it runs in any image that has one. */

import { CLAUDE_FILE, SUPERVISE_SERVER_NAME } from './claude.ts';

export interface EntrypointOptions {
  /** Directory of the rendered files in the container. */
  readonly agentDir: string;
  readonly workspaceDir: string;
  readonly statusFile: string;
  /** Name and URL of the repository to clone into the workspace. */
  readonly clone?: { readonly remote: string; readonly url: string };
  /** True if Claude Code is to know supervise. */
  readonly supervise: boolean;
}

/** `text` as one word of a shell. */
const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

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

function cloning({ workspaceDir, statusFile }: EntrypointOptions, remote: string, url: string): string {
  const target = `${workspaceDir}/${remote}`;
  return `
workspace=${word(target)}
# Renamed when whole: a clone that was cut off is started anew, never taken for the workspace.
partial=${word(`${workspaceDir}/.${remote}.partial`)}
status=${word(statusFile)}
log=$status.log

# report STATE [DETAIL]: for "bottle status" and the end of a deploy.
report() {
  (umask 022 && printf '%s\\n' "$@" >"$status.$$" && mv -f "$status.$$" "$status") 2>/dev/null || :
}

clone() {
  if [ -e "$workspace" ]; then
    report ready
    return 0
  fi
  report cloning
  reason='git is not in the image'
  if command -v git >/dev/null 2>&1; then
    reason=
    rm -rf "$partial" 2>/dev/null || :
    start 3600 env GIT_TERMINAL_PROMPT=0 git clone ${word(url)} "$partial" 2>"$log"
    if finish && mv "$partial" "$workspace" 2>>"$log"; then
      report ready
      return 0
    fi
    # What a server says may hold more than text.
    reason=$(tail -n 5 "$log" 2>/dev/null | tr -cd '[:print:]\\n' | cut -c 1-500) || :
    rm -rf "$partial" 2>/dev/null || :
  fi
  reason=\${reason:-git clone failed}
  report failed "$reason"
  say "no workspace $workspace, tried again at the next start: $reason"
}
if ! (: >"$log") 2>/dev/null; then log=/dev/null; fi
clone || :
if [ "$log" != /dev/null ]; then rm -f "$log"; fi
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
  const { clone } = options;
  return [HEAD, seeding(options), clone === undefined ? '' : cloning(options, clone.remote, clone.url), TAIL].join('');
}
