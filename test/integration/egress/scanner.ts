/** The built-in scanner as the last hop behind egress, in a container of its own. */

import { join } from 'node:path';
import { stringify } from 'yaml';
import { CONFIG_DIR, DAEMON_UID, PRIVATE_DIR, TRUST_DIR } from '../../../lib/plan/index.ts';

/** pipelock.yaml as rendered (docs/reference/bundle.md); the hosts' names lead to a container, thus are trusted. */
export const scannerConfig = (listen: string, hosts: readonly string[]): string =>
  stringify({
    version: 1,
    mode: 'strict',
    enforce: true,
    api_allowlist: hosts,
    trusted_domains: [...hosts],
    fetch_proxy: { listen, monitoring: { max_requests_per_minute: 100_000 } },
    forward_proxy: { enabled: true, max_tunnel_seconds: 86_400, idle_timeout_seconds: 3600 },
    tls_interception: {
      enabled: true,
      ca_cert: `${PRIVATE_DIR.pipelock}/ca.pem`,
      ca_key: `${PRIVATE_DIR.pipelock}/ca-key.pem`,
      passthrough_domains: [],
      max_response_bytes: 33_554_432,
    },
    request_body_scanning: {
      enabled: true,
      action: 'block',
      max_body_bytes: 5_242_880,
      scan_headers: true,
      header_mode: 'all',
      ignore_headers: ['connection', 'te', 'transfer-encoding', 'authorization', 'x-api-key'],
    },
    dlp: { scan_env: false },
    response_scanning: { enabled: true, action: 'block' },
    sentry: { enabled: false },
    logging: { format: 'json', output: 'stdout', include_allowed: true, include_blocked: true },
    metrics_listen: '127.0.0.1:9190',
  });

export interface ScannerPlace {
  readonly name: string;
  readonly network: string;
  readonly alias: string;
  readonly resolver: string;
  readonly image: string;
  readonly directory: string;
}

/** Arguments of `docker` that start it. */
export function scannerContainer({ name, network, alias, resolver, image, directory }: ScannerPlace): string[] {
  const { pipelock: uid } = DAEMON_UID;
  return [
    ['run', '-d', '--name', name, '--network', network, '--network-alias', alias, '--dns', resolver],
    ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', `${uid}:${uid}`],
    ['--tmpfs', `${PRIVATE_DIR.pipelock}:uid=${uid},gid=${uid},mode=0700`, '--tmpfs', '/tmp'],
    ['-v', `${join(directory, 'scanner')}:${CONFIG_DIR.pipelock}:ro`],
    ['-v', `${join(directory, 'certificates')}:/certificates`],
    // The origin's own certificate is of this CA as well.
    ['-v', `${join(directory, 'certificates', 'pipelock-ca.pem')}:${TRUST_DIR}/trusted-cas.pem:ro`],
    ['--entrypoint', 'sh', image, '-c'],
    `umask 077; cp /certificates/pipelock-ca.pem ${PRIVATE_DIR.pipelock}/ca.pem
     cp /certificates/pipelock-ca-key.pem ${PRIVATE_DIR.pipelock}/ca-key.pem
     exec tini -s -- pipelock_entrypoint.sh`,
  ].flat();
}
