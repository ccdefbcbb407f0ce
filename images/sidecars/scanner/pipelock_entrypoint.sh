#!/bin/sh
# Starts what stands in pipelock's slot, pipelock itself or the built-in scanner. Neither has a setting for the roots
# that upstream certificates are verified against: both take SSL_CERT_FILE, which must hold the system's roots and the
# definition's trustedCAs in one file.
set -eu

roots=/run/pipelock/roots.pem
umask 077
cat /etc/ssl/certs/ca-certificates.crt /etc/claude-bottle/trust/trusted-cas.pem >"$roots.new"
mv "$roots.new" "$roots"
export SSL_CERT_FILE="$roots"
exec /pipelock run --config /etc/pipelock/pipelock.yaml
