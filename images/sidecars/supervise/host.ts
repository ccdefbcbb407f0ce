/**
 * Which hosts a proposal may name. Judged by spelling alone: nothing is resolved, because a look-up would already carry
 * the agent's words out of the bottle.
 */

import { DAEMONS } from '../../../lib/plan/daemons.ts';
import { NAME_PREFIX } from '../../../lib/plan/names.ts';

const HOST_MAX = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names of the containers and services that make up a bottle, as the agent could dial them. */
const BOTTLE_NAMES: ReadonlySet<string> = new Set([...DAEMONS, 'agent', 'sidecars']);

/** Suffixes that name this machine or its own network (RFC 6761, 6762, 8375, 9476; Docker's and clouds' `internal`). */
const LOCAL_SUFFIXES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'lan',
  'home',
  'arpa',
  'svc',
  'onion',
  'alt',
];

/** Public DNS zones that answer with loopback, private or metadata addresses: either always, or as the name asks. */
const REBINDING_SUFFIXES = [
  'nip.io',
  'sslip.io',
  'xip.io',
  'localtest.me',
  'lvh.me',
  'vcap.me',
  'lacolhost.com',
  'metadata.tencentyun.com',
];

const isBelow = (host: string, suffix: string): boolean => host === suffix || host.endsWith(`.${suffix}`);

/** A last label that WHATWG's URL parser, and so most clients, reads as the end of an IPv4 address. */
const endsInNumber = (labels: readonly string[]): boolean => /^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '');

/** Why `host` (lower case) cannot be granted to an agent, or undefined if it can. */
export function hostProblem(host: string): string | undefined {
  if (host.length === 0 || host.length > HOST_MAX) return `must have 1 to ${HOST_MAX} characters`;
  if (host.includes('*')) return 'must be one exact host, not a wildcard';
  if (/[:[\]]/.test(host)) return 'must be a bare host name, without scheme, port or IPv6 address';
  if (/[/?#@\\%]/.test(host)) return 'must be a bare host name, without path, user or escape';
  if (host.endsWith('.')) return 'must not end in a dot';
  const labels = host.split('.');
  if (endsInNumber(labels)) return 'is an IP address, in one of its spellings; only DNS names can be granted';
  if (!labels.every((label) => LABEL.test(label))) return 'is not a DNS name (a-z, 0-9, inner hyphens, ASCII only)';
  if (BOTTLE_NAMES.has(host) || labels.some((label) => label.startsWith(NAME_PREFIX))) {
    return 'is a name of the bottle itself';
  }
  const local = LOCAL_SUFFIXES.find((suffix) => isBelow(host, suffix));
  if (local !== undefined) return `names this machine or its own network (.${local})`;
  if (labels.length < 2) return 'must have at least two labels';
  const rebinding = REBINDING_SUFFIXES.find((suffix) => isBelow(host, suffix));
  if (rebinding !== undefined) return `leads to loopback, private or metadata addresses (${rebinding})`;
  return undefined;
}
