/** What a loaded configuration means: its lists compiled, its hash, and what the listen address implies. */

import { isIPv4 } from 'node:net';
import { listenAlias } from '../../../lib/plan/names.ts';
import type { LoadedConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import { DomainList } from './judge/domain-pattern.ts';

export interface Policy {
  readonly config: Config;
  readonly hash: string;
  readonly allowed: DomainList;
  readonly trusted: DomainList;
  readonly passthrough: DomainList;
  /** Lower-case header names that are not scanned. */
  readonly ignoredHeaders: ReadonlySet<string>;
  readonly requestsPerMinute: number;
  /**
   * Whether egress stands in front, and nobody else can dial. Ports and upgrades are then egress's to judge, by route;
   * otherwise the scanner allows 80 and 443 and no upgrade.
   */
  readonly behindEgress: boolean;
}

/** pipelock's default, and what a 0 means. */
const DEFAULT_REQUESTS_PER_MINUTE = 60;

/** Beginning of the name that it listens on in a container of its own, whoever dials it there. */
const OWN_CONTAINER = listenAlias('pipelock', '');

/**
 * The loopback has egress in front. In a container of its own the listen address is of one form with and without egress:
 * there it is egress's own header, passed over behind egress and nowhere else, that tells.
 */
function isBehindEgress({ fetch_proxy, request_body_scanning }: Config): boolean {
  const host = fetch_proxy.listen.split(':')[0] ?? '';
  if (host === 'localhost' || (isIPv4(host) && host.startsWith('127.'))) return true;
  const ignored = request_body_scanning.ignore_headers.map((name) => name.toLowerCase());
  return host.startsWith(OWN_CONTAINER) && ignored.includes('authorization');
}

export function policyOf({ config, hash }: LoadedConfig): Policy {
  return {
    config,
    hash,
    allowed: new DomainList(config.api_allowlist),
    trusted: new DomainList(config.trusted_domains),
    passthrough: new DomainList(config.tls_interception.passthrough_domains),
    ignoredHeaders: new Set(config.request_body_scanning.ignore_headers.map((name) => name.toLowerCase())),
    requestsPerMinute: config.fetch_proxy.monitoring.max_requests_per_minute || DEFAULT_REQUESTS_PER_MINUTE,
    behindEgress: isBehindEgress(config),
  };
}
