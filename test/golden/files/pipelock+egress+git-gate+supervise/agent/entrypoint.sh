#!/bin/sh
# PID 1 of the agent's container: prepares the home and the workspace, then runs the command and passes signals on to
# it (a bare "sleep infinity" as PID 1 would ignore SIGTERM). No failure of the preparation keeps the command from
# running. Written by claude-bottle.
set -eu
exec 3<&0

child=
stopping=

say() {
  printf 'claude-bottle: %s\n' "$*" >&2
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
  (umask 077 && mkdir -p "${2%/*}" && cp "$1" "$2.$$" && mv "$2.$$" "$2") 2>/dev/null
}

# A home with settings of its own gets supervise's entry from Claude Code itself, which merges.
register() {
  case $(cat "$1" 2>/dev/null) in *'"claude-bottle-supervise"'*) return 0 ;; esac
  if ! command -v claude >/dev/null 2>&1; then return 1; fi
  start 60 env CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 \
    claude mcp add-json --scope user claude-bottle-supervise "$(cat '/opt/claude-bottle/claude/supervise.json')" >/dev/null 2>&1
  finish
}
seed() {
  if [ -z "${HOME:-}" ]; then return 1; fi
  put '/opt/claude-bottle/claude/settings.json' "${CLAUDE_CONFIG_DIR:-$HOME/.claude}/settings.json" || return 1
  put '/opt/claude-bottle/claude/claude.json' "${CLAUDE_CONFIG_DIR:-$HOME}/.claude.json" || return 1
  register "${CLAUDE_CONFIG_DIR:-$HOME}/.claude.json"
}
seed || say 'the settings of Claude Code in the home directory are not complete'

workspace='/workspace/app'
status='/tmp/.claude-bottle-workspace'

# report STATE [DETAIL]: for "bottle status" and the end of a deploy.
report() {
  (umask 022 && printf '%s\n' "$@" >"$status.$$" && mv -f "$status.$$" "$status") 2>/dev/null || :
}
# Renamed when whole: what was cut off is started anew, never taken for the workspace.
partial='/workspace/.app.partial'
log=$status.log

fill() {
  # One that is empty is none: it may be where a directory of the host was mounted before.
  rmdir "$workspace" 2>/dev/null || :
  if [ -e "$workspace" ]; then
    report ready
    return 0
  fi
  report cloning
  reason=
  if ! command -v git >/dev/null 2>&1; then reason='git is not in the image'; fi
  if [ -z "$reason" ]; then
    rm -rf "$partial" 2>/dev/null || :
    start 3600 env GIT_TERMINAL_PROMPT=0 git clone 'git://git-gate/app.git' "$partial" 2>"$log"
    if finish && mv "$partial" "$workspace" 2>>"$log"; then
      report ready
      return 0
    fi
    # What a server says may hold more than text.
    reason=$(tail -n 5 "$log" 2>/dev/null | tr -cd '\040-\176\n' | cut -c 1-500) || :
    rm -rf "$partial" 2>/dev/null || :
  fi
  reason=${reason:-git clone failed}
  report failed "$reason"
  say "no workspace $workspace, tried again at the next start: $reason"
}
if ! (: >"$log") 2>/dev/null; then log=/dev/null; fi
fill || :
if [ "$log" != /dev/null ]; then rm -f "$log"; fi

if [ -n "$stopping" ]; then exit 143; fi
if [ "$#" -eq 0 ]; then set -- sleep infinity; fi
start 0 "$@"
finish
