#!/bin/sh
# Starts egress: mitmdump with the egress addon, on the one address that the routes file names.
set -eu

ROUTES=/etc/egress/routes.yaml
CONFDIR=/home/mitmproxy/.mitmproxy
ADDON=/opt/claude-bottle/egress/egress_addon.py
SYSTEM_ROOTS=/etc/ssl/certs/ca-certificates.crt
TRUSTED_CAS=/etc/claude-bottle/trust/trusted-cas.pem

fail() {
  printf '{"event":"stopped","error":"%s"}\n' "$1"
  exit 1
}

# A reload that is asked for before mitmdump can hear it must not end it; it reads the file later anyway.
trap '' HUP

: "${EGRESS_UPSTREAM_PROXY:?}"
pipelock_ca=${EGRESS_UPSTREAM_CA:-$CONFDIR/pipelock-ca.pem}

listen=$(sed -n "s/^listen:[[:space:]]*[\"']\{0,1\}\([A-Za-z0-9.-]\{1,253\}:[0-9]\{1,5\}\)[\"']\{0,1\}[[:space:]]*\$/\1/p" "$ROUTES") ||
  fail 'the routes file cannot be read'
case $listen in
  '' | *'
'*) fail 'the routes file does not name one listen address' ;;
esac
host=${listen%:*}
port=${listen##*:}

# The engine's resolver may not know the alias in the first moments of a container.
address=''
for _ in 1 2 3 4 5 6 7 8; do
  address=$(getent ahostsv4 "$host" | cut -d ' ' -f 1 | sort -u) || true
  [ -z "$address" ] || break
  sleep 0.5
done
# Exactly one: another would be a network on which the agent is not.
case $address in
  '' | *[!0-9.]* | 0.0.0.0) fail 'the listen address does not resolve to one IPv4 address' ;;
esac

[ -s "$CONFDIR/mitmproxy-ca.pem" ] || fail 'mitmproxy-ca.pem is missing'
[ -s "$pipelock_ca" ] || fail 'the CA of pipelock is missing'
# The option replaces the default roots, so this file has to hold all of them. A blank line keeps a file that ends
# without a newline from swallowing the next one.
{
  cat "$SYSTEM_ROOTS"
  echo
  if [ -s "$TRUSTED_CAS" ]; then cat "$TRUSTED_CAS"; fi
  echo
  cat "$pipelock_ca"
} >"$CONFDIR/roots.pem"

# For this process alone: the other daemons must never see a proxy.
HTTP_PROXY=$EGRESS_UPSTREAM_PROXY HTTPS_PROXY=$EGRESS_UPSTREAM_PROXY
http_proxy=$EGRESS_UPSTREAM_PROXY https_proxy=$EGRESS_UPSTREAM_PROXY
export HTTP_PROXY HTTPS_PROXY http_proxy https_proxy
unset NO_PROXY no_proxy ALL_PROXY all_proxy
export PYTHONDONTWRITEBYTECODE=1

# server=false: the addon opens the port once it is ready, so that mitmdump never listens without it.
exec mitmdump --quiet \
  --mode "upstream:$EGRESS_UPSTREAM_PROXY" \
  --listen-host "$address" --listen-port "$port" \
  --set server=false \
  --set "confdir=$CONFDIR" \
  --set "ssl_verify_upstream_trusted_ca=$CONFDIR/roots.pem" \
  --set connection_strategy=lazy \
  --set upstream_cert=false \
  --set rawtcp=false \
  --set http3=false \
  --set onboarding=false \
  --set block_global=false \
  --set store_streamed_bodies=false \
  --set validate_inbound_headers=true \
  --set tcp_timeout=3600 \
  --set "scripts=$ADDON"
