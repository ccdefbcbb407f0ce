#!/bin/sh
# sshd in front of one bare repository, /srv/git/app.git, whose HEAD is main. Its log on stderr names each connection.
set -eu

if [ ! -d /srv/git/app.git ]; then
  git init -q --bare -b main /srv/git/app.git
  work=$(mktemp -d)
  git -C "$work" init -q -b main
  printf '# app\n' >"$work/README.md"
  git -C "$work" add README.md
  git -C "$work" -c user.name=Upstream -c user.email=upstream@git.test commit -q -m 'Start the project'
  git -C "$work" push -q /srv/git/app.git main
  rm -rf "$work"
  chown -R git:git /srv/git/app.git
fi

install -d -m 0755 /etc/ssh/keys
install -m 0600 /keys/host_key /etc/ssh/keys/host_key
install -m 0644 /keys/authorized_keys /etc/ssh/keys/authorized_keys

exec /usr/sbin/sshd -D -e \
  -o HostKey=/etc/ssh/keys/host_key \
  -o AuthorizedKeysFile=/etc/ssh/keys/authorized_keys \
  -o PasswordAuthentication=no \
  -o LogLevel=VERBOSE
