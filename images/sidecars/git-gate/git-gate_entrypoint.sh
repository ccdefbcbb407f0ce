#!/bin/sh
# git-gate: prepares the mirrors, then becomes git's own daemon. Runs as git-gate's uid, root read-only.
set -eu
umask 077

share=/opt/claude-bottle/git-gate

# Nothing below /git decides anything: what must hold is set here, where git reads it last.
export GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_GLOBAL="$share/gitconfig"
export GIT_ATTR_NOSYSTEM=1
export GIT_CONFIG_COUNT=2
export GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0="$share/hooks"
# Without it git 2.47 hangs up on a request for a repository that does not exist, instead of saying so.
export GIT_CONFIG_KEY_1=safe.directory GIT_CONFIG_VALUE_1='*'

# The daemon gives hooks no stderr of their own: this is how they reach the log.
exec 3>&2
export GIT_GATE_LOG_FD=3

# The bottle's daemons share their memory, and a push decides how much git takes: half of it for any one git, and if all
# of it is gone, the kernel is to end something of ours, not the proxies.
bytes=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo max)
case $bytes in
  max) bytes=4294967296 ;;
  *) [ "$bytes" -le 68719476736 ] || bytes=4294967296 ;;
esac
export GIT_GATE_DATA_LIMIT=$((bytes / 2))
{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null || true

words=$("$share/node" prepare)
set --
while IFS= read -r word; do
  set -- "$@" "$word"
done <<EOF
$words
EOF

# The daemon's own log has a line for every health probe, so it is off; `prepare` has tried the address.
exec prlimit --data="$GIT_GATE_DATA_LIMIT:" -- nice -n 5 git daemon --log-destination=none --reuseaddr --base-path=/git --strict-paths --export-all \
  --informative-errors --init-timeout=10 --timeout=600 --max-connections=32 \
  --disable=upload-archive --forbid-override=upload-archive --forbid-override=receive-pack \
  --access-hook="$share/hooks/access" "$@"
