/**
 * `pipelock/pipelock.yaml`, for pipelock 2.2 and later and for the built-in scanner alike. The keys are pipelock's own
 * (its configuration reference); why each value: domain §4.
 */

import {
  type BottlePlan,
  HOP_BY_HOP_HEADERS,
  NO_HOST,
  PRIVATE_DIR,
  pipelockIsInnerHop,
  SECRET_FILE,
} from '../plan/index.ts';
import { listenAddress } from './listen.ts';
import { yamlText } from './yaml.ts';

/** A day: pipelock ends a tunnel after 300 s unless told otherwise, which would cut a model's long answer. */
const MAX_TUNNEL_SECONDS = 86_400;
const IDLE_TIMEOUT_SECONDS = 3_600;
/** 0 means pipelock's 60, far too few for an agent. */
const MAX_REQUESTS_PER_MINUTE = 100_000;

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

function ignoredHeaders(plan: BottlePlan): readonly string[] {
  if (!pipelockIsInnerHop(plan)) return HOP_BY_HOP_HEADERS;
  const injected = (plan.sidecars.egress?.routes ?? []).flatMap(({ auth }) => auth?.header?.toLowerCase() ?? []);
  return distinct([...HOP_BY_HOP_HEADERS, 'authorization', ...injected]);
}

/** The text of `pipelock/pipelock.yaml`. */
export function renderPipelock(plan: BottlePlan): string {
  const { pipelock, egress } = plan.sidecars;
  const routes = egress?.routes ?? [];
  const allowlist = distinct([...routes.map(({ host }) => host), ...pipelock.allow]);
  const trusted = distinct(routes.filter((route) => route.privateUpstream).map(({ host }) => host));
  return yamlText({
    version: 1,
    mode: 'strict',
    enforce: true,
    api_allowlist: allowlist.length === 0 ? [NO_HOST] : allowlist,
    ...(trusted.length === 0 ? {} : { trusted_domains: trusted }),
    fetch_proxy: {
      listen: listenAddress(plan, 'pipelock'),
      monitoring: { max_requests_per_minute: MAX_REQUESTS_PER_MINUTE },
    },
    forward_proxy: {
      enabled: true,
      max_tunnel_seconds: MAX_TUNNEL_SECONDS,
      idle_timeout_seconds: IDLE_TIMEOUT_SECONDS,
    },
    tls_interception: {
      enabled: true,
      ca_cert: `${PRIVATE_DIR.pipelock}/${SECRET_FILE.pipelockCert}`,
      ca_key: `${PRIVATE_DIR.pipelock}/${SECRET_FILE.pipelockKey}`,
      passthrough_domains: distinct(routes.filter((route) => route.tlsPassthrough).map(({ host }) => host)),
      max_response_bytes: pipelock.maxResponseBytes,
    },
    request_body_scanning: {
      enabled: true,
      action: 'block',
      max_body_bytes: pipelock.maxBodyBytes,
      scan_headers: true,
      header_mode: 'all',
      ignore_headers: ignoredHeaders(plan),
    },
    dlp: { scan_env: false },
    response_scanning: { enabled: true, action: 'block' },
    sentry: { enabled: false },
    logging: { format: 'json', output: 'stdout', include_allowed: true, include_blocked: true },
    metrics_listen: '127.0.0.1:9190',
  });
}
