/** The part of `entrypoint.sh` that brings the workspace, or looks at the one that is mounted, and reports on it. */

import { word } from './shell-word.ts';

/** What the entrypoint does for the workspace; `directory` is where it is in the container. */
export type WorkspaceStep = { readonly directory: string } & (
  | { readonly kind: 'clone'; readonly url: string }
  /** `source`: the snapshot in the container. */
  | { readonly kind: 'copy'; readonly source: string }
  /** `guard`: a script without which nothing starts, see workspace-guard.ts. */
  | { readonly kind: 'bind'; readonly readOnly: boolean; readonly guard?: string }
);

const report = (directory: string, statusFile: string): string => `
workspace=${word(directory)}
status=${word(statusFile)}

# report STATE [DETAIL]: for "bottle status" and the end of a deploy.
report() {
  (umask 022 && printf '%s\\n' "$@" >"$status.$$" && mv -f "$status.$$" "$status") 2>/dev/null || :
}
`;

interface Filling {
  readonly state: 'cloning' | 'copying';
  /** Sets `reason` if it cannot be done at all. */
  readonly check: string;
  /** Makes `$partial`. */
  readonly command: string;
  readonly failed: string;
}

const clone = (url: string): Filling => ({
  state: 'cloning',
  check: "if ! command -v git >/dev/null 2>&1; then reason='git is not in the image'; fi",
  command: `env GIT_TERMINAL_PROMPT=0 git clone ${word(url)} "$partial"`,
  failed: 'git clone failed',
});

// -P: a link is copied as a link, and never followed.
const copy = (source: string): Filling => ({
  state: 'copying',
  check: `if [ ! -d ${word(source)} ]; then reason='there is nothing to copy'; fi`,
  command: `cp -RP ${word(source)} "$partial"`,
  failed: 'cp failed',
});

function filling(directory: string, { state, check, command, failed }: Filling): string {
  return `# Renamed when whole: what was cut off is started anew, never taken for the workspace.
partial=${word(directory.replace(/([^/]+)$/, '.$1.partial'))}
log=$status.log

fill() {
  # One that is empty is none: it may be where a directory of the host was mounted before.
  rmdir "$workspace" 2>/dev/null || :
  if [ -e "$workspace" ]; then
    report ready
    return 0
  fi
  report ${state}
  reason=
  ${check}
  if [ -z "$reason" ]; then
    rm -rf "$partial" 2>/dev/null || :
    start 3600 ${command} 2>"$log"
    if finish && mv "$partial" "$workspace" 2>>"$log"; then
      report ready
      return 0
    fi
    # What a server says may hold more than text.
    reason=$(tail -n 5 "$log" 2>/dev/null | tr -cd '\\040-\\176\\n' | cut -c 1-500) || :
    rm -rf "$partial" 2>/dev/null || :
  fi
  reason=\${reason:-${failed}}
  report failed "$reason"
  say "no workspace $workspace, tried again at the next start: $reason"
}
if ! (: >"$log") 2>/dev/null; then log=/dev/null; fi
fill || :
if [ "$log" != /dev/null ]; then rm -f "$log"; fi
`;
}

/** Who may do what with the mounted directory is for its owner to say: nothing here changes it. */
function looking(readOnly: boolean): string {
  const [test, verb] = readOnly ? ['[ -r "$workspace" ]', 'read'] : ['[ -w "$workspace" ]', 'write'];
  return `look() {
  if [ -x "$workspace" ] && ${test}; then
    report ready
    return 0
  fi
  me=$(id -u)
  # Mode, links, uid, gid.
  # shellcheck disable=SC2012,SC2046
  set -- $(ls -nd "$workspace" | tr -cd '\\040-\\176')
  report ${readOnly ? 'failed' : 'unwritable'} "uid $me may not ${verb} it: it is of uid \${3:-unknown}, gid \${4:-unknown}, mode \${1:-unknown}"
  say "uid $me may not ${verb} $workspace"
}
look || :
`;
}

export function workspaceScript(step: WorkspaceStep, statusFile: string): string {
  const { directory } = step;
  const head = report(directory, statusFile);
  switch (step.kind) {
    case 'clone':
      return head + filling(directory, clone(step.url));
    case 'copy':
      return head + filling(directory, copy(step.source));
    case 'bind':
      return head + looking(step.readOnly);
  }
}
