/**
 * `guard.sh`: whether the protected paths of a workspace from the host are mounted as deploy wanted, from where deploy
 * meant them. When a container is started again, the engine looks for the source of each mount anew and follows links;
 * should the agent have found a way to put one there, the kernel's own table shows another root. Then nothing of the
 * agent's may run: with what is mounted now it would see, or change, what is not its own.
 */

import { word } from './shell-word.ts';

/** As the kernel writes a path into /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export const mountinfoPath = (path: string): string =>
  path.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);

export interface Guarded {
  /** `ro`: protected; `rw`: mounted over itself, so that it cannot be renamed together with what is protected in it. */
  readonly how: 'ro' | 'rw';
  /** Relative to the workspace. */
  readonly path: string;
}

/** The list that deploy writes, and `guard.sh` reads. */
export const guardedList = (guarded: readonly Guarded[]): string =>
  guarded.map(({ how, path }) => `${how} ${mountinfoPath(path)}\n`).join('');

/** The script: ends with 78 (EX_CONFIG) and the reason where something is not as it should be. */
export const renderGuard = (directory: string, list: string): string => `#!/bin/sh
# Whether the protected paths of the workspace are mounted. Written by claude-bottle.
set -uf
workspace=${word(mountinfoPath(directory))}

refuse() {
  printf 'claude-bottle: %s; bottle deploy mounts it again\\n' "$*" >&2
  exit 78
}

end='
'
table=$end
while read -r _ _ device root point options _; do
  table="$table$point $device $root $options$end"
done </proc/self/mountinfo

# mounted POINT: sets device, root and how of what is mounted there last.
mounted() {
  device='' root='' how=''
  entry=\${table##*"$end$1 "}
  if [ "$entry" = "$table" ]; then return 1; fi
  # shellcheck disable=SC2086
  set -- \${entry%%"$end"*}
  device=$1 root=$2 how=\${3%%,*}
}

mounted "$workspace" || refuse 'the workspace is not mounted'
top=$device
base=\${root%/}
if [ ! -r ${word(list)} ]; then refuse 'the list of protected paths is missing'; fi
while read -r want path; do
  mounted "$workspace/$path" || refuse "the protected path $path is not mounted"
  if [ "$device $root" != "$top $base/$path" ]; then refuse "the protected path $path leads elsewhere, to $root"; fi
  if [ "$want" = ro ] && [ "$how" != ro ]; then refuse "the protected path $path is writable"; fi
done <${word(list)}
`;
