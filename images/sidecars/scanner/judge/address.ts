/** Which addresses the scanner dials. */

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * - `public`: any allowlisted host may resolve to it;
 * - `internal`: only a trusted host may;
 * - `never`: no host may, whatever the configuration says.
 */
export type AddressClass = 'public' | 'internal' | 'never';

/** Documentation networks (RFC 5737) that pipelock leaves out of its refused set; the test internet lives there. */
const DOCUMENTATION = ['198.51.100.0/24', '203.0.113.0/24'].map((range) => ipaddr.IPv4.parseCIDR(range));

/** Metadata and control services of clouds: nothing that a bottle needs, whoever is trusted. */
const METADATA = new Set(['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254']);

const NEVER = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal']);

/** Global unicast (RFC 4291 section 2.4 as assigned by IANA); all else in IPv6 is special in some way. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

function classOfV4(address: ipaddr.IPv4): AddressClass {
  if (METADATA.has(address.toString())) return 'never';
  const range = address.range();
  if (range === 'unicast') return 'public';
  if (DOCUMENTATION.some((network) => address.match(network))) return 'public';
  return NEVER.has(range) || address.match(ipaddr.IPv4.parseCIDR('0.0.0.0/8')) ? 'never' : 'internal';
}

function classOfV6(address: ipaddr.IPv6): AddressClass {
  if (METADATA.has(address.toString())) return 'never';
  const range = address.range();
  if (range === 'unicast' && address.match(GLOBAL_UNICAST)) return 'public';
  // An IPv4 address in IPv6 clothes is judged by what it wears and never better than internal.
  if (range === 'ipv4Mapped') return classOfV4(address.toIPv4Address()) === 'never' ? 'never' : 'internal';
  return NEVER.has(range) ? 'never' : 'internal';
}

/** The class of a literal address as a resolver returns it; text that is no address is `never`. */
export function addressClass(text: string): AddressClass {
  if (isIP(text) === 0 || text.includes('%')) return 'never';
  const address = ipaddr.parse(text);
  return address instanceof ipaddr.IPv4 ? classOfV4(address) : classOfV6(address);
}
