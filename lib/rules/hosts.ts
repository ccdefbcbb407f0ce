/** What a host is in a definition: one exact name that is neither this machine nor the bottle. */

import { domainToASCII, domainToUnicode } from 'node:url';
import ipaddr from 'ipaddr.js';
import { DAEMONS, NAME_PREFIX, quoted } from '../plan/index.ts';
import { isRegistry } from './public-suffix.ts';

/** A label of a host name: letters, digits and inner hyphens (RFC 1123), lower case after lowering. */
const HOST_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names that mean the machine, the engine, a cloud's metadata service, or the bottle itself. */
const OWN_NAMES = [
  'localhost',
  'ip6-localhost',
  'ip6-loopback',
  'localhost.localdomain',
  'host.docker.internal',
  'gateway.docker.internal',
  'host.containers.internal',
  'kubernetes.docker.internal',
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  ...DAEMONS,
];

/** Services whose names lead to the address that is written into them, or to this machine. */
const ADDRESS_SERVICES = [
  'nip.io',
  'sslip.io',
  'xip.io',
  'traefik.me',
  'backname.io',
  'local.gd',
  'localtest.me',
  'lvh.me',
  'vcap.me',
  'lacolhost.com',
  'rbndr.us',
  '1u.ms',
];

const leadsToAnyAddress = (host: string): boolean =>
  ADDRESS_SERVICES.some((service) => host === service || host.endsWith(`.${service}`));

/** Punycode that decodes, to something that is written so and in no other way (UTS #46). */
const isCanonicalPunycode = (host: string): boolean => domainToASCII(domainToUnicode(host)) === host;

const isOwnName = (host: string): boolean =>
  OWN_NAMES.includes(host) ||
  host.endsWith('.localhost') ||
  host.endsWith('.docker.internal') ||
  host.startsWith(NAME_PREFIX);

/** What is wrong with a host's spelling, or undefined. Order: what a person most likely meant comes first. */
function misspelling(host: string): string | undefined {
  if (host.includes('://')) return 'has a scheme; allowed: the host alone';
  if (host.includes('@')) return 'has a user; allowed: the host alone';
  if (/[/\\?#]/.test(host)) return 'has a path; allowed: the host alone, paths go into `pathPrefixes`';
  if (host.includes('*')) return 'has a wildcard; allowed: one exact host';
  if (host.startsWith('[') || host.split(':').length > 2) return 'is an IPv6 address; allowed: a host name';
  if (host.includes(':')) return 'has a port; allowed: the host alone, ports go into `ports`';
  if (/[\s\p{Cc}%]/u.test(host))
    return 'has white space, a control character or a percent sign; allowed: the host alone';
  if (/[^\0-\x7f]/.test(host)) {
    const ascii = domainToASCII(host);
    return `is not in ASCII; allowed: the punycode form${ascii === '' ? '' : `, ${quoted(ascii)}`}`;
  }
  if (host.endsWith('.')) return 'ends with a dot; allowed: the name without it';
  if (host.length > 253) return `has ${host.length} characters; allowed: at most 253`;
  return undefined;
}

/** What is wrong with an IPv4 address in any spelling that a client might accept, e.g. `0x7f.1` or `2130706433`. */
function addressProblem(host: string, privateUpstream: boolean): string | undefined {
  const last = host.split('.').at(-1) ?? '';
  if (!/^(?:\d+|0x[0-9a-f]*)$/.test(last)) return undefined;
  if (!ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv4.parse(host).toString() !== host) {
    return 'is an IP address in an unusual spelling; allowed: a host name, or four decimal numbers';
  }
  const range = ipaddr.IPv4.parse(host).range();
  if (range === 'unicast' || (range === 'private' && privateUpstream)) return undefined;
  if (range === 'private') return 'is a private address; allowed: with `privateUpstream: true` only';
  return `is a ${range === 'linkLocal' ? 'link-local or metadata' : range} address; allowed: addresses of other machines`;
}

/** What is wrong with `host` as the one host of a route, in words that follow its name, or undefined. */
export function hostProblem(host: string, privateUpstream = false): string | undefined {
  const spelled = misspelling(host);
  if (spelled !== undefined) return spelled;
  if (isOwnName(host))
    return 'is a name of this machine, a metadata service or the bottle itself; allowed: other hosts';
  const isNumeric = /^(?:\d+|0x[0-9a-f]*)$/.test(host.split('.').at(-1) ?? '');
  if (isNumeric) return addressProblem(host, privateUpstream);
  if (!privateUpstream && leadsToAnyAddress(host)) {
    return 'is a name for any address that is written into it; allowed: names that lead where their owner says';
  }
  if (host.split('.').every((label) => HOST_LABEL.test(label))) {
    return host.includes('xn--') && !isCanonicalPunycode(host)
      ? 'is punycode that does not decode, or of a spelling that is not canonical; allowed: canonical punycode'
      : undefined;
  }
  return 'is no host name; allowed: labels of letters, digits and inner hyphens, separated by dots';
}

/** What is wrong with an entry of pipelock's `allow`: an exact host, or `*.suffix`. */
export function allowProblem(entry: string): string | undefined {
  if (!entry.startsWith('*.')) return hostProblem(entry);
  const suffix = entry.slice(2);
  const problem = hostProblem(suffix);
  if (problem !== undefined) return problem.replace('allowed: one exact host', "allowed: one '*.' at the beginning");
  const labels = suffix.split('.');
  if (/^\d+$/.test(labels.at(-1) ?? '')) return 'is a wildcard over addresses; allowed: a wildcard over names';
  return labels.length === 1 || isRegistry(suffix)
    ? 'covers a whole top-level domain; allowed: a wildcard below a name of its owner, e.g. *.example.com'
    : undefined;
}
