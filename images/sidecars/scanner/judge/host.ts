/** Hosts and authorities, in the one spelling that is compared, judged and dialled. */

import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** What some resolver or library would read as a number: `2130706433`, `0x7f`, `0177`. */
const NUMERIC = /^(\d+|0x[0-9a-f]*)$/;
const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|[^[\]:@/\\?#%\s]+)(?::(\d{1,5}))?$/;

export interface Authority {
  /** Canonical host: lower case, no trailing dot, IPv6 compressed and without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * `text` as a canonical host: a DNS name in ASCII, a dotted-quad IPv4 address or an IPv6 address. Undefined for all
 * else: other spellings of addresses (decimal, hex, octal, zone ids), IDN that is not in its ASCII form, empty labels.
 */
export function canonicalHost(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (isIPv4(lower)) return lower;
  if (isIPv6(lower)) return lower.includes('%') ? undefined : ipaddr.parse(lower).toString();
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  if (name.length === 0 || name.length > 253) return undefined;
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label))) return undefined;
  return NUMERIC.test(labels.at(-1) ?? '') ? undefined : name;
}

/** `text` as `host[:port]` without user information; undefined if it is not, or if the host has no canonical form. */
export function parseAuthority(text: string, defaultPort: number): Authority | undefined {
  const match = AUTHORITY.exec(text);
  if (match === null) return undefined;
  const [, rawHost = '', rawPort] = match;
  const host = canonicalHost(rawHost.startsWith('[') ? rawHost.slice(1, -1) : rawHost);
  const port = rawPort === undefined ? defaultPort : Number(rawPort);
  if (host === undefined || port < 1 || port > 65_535 || rawPort?.startsWith('0')) return undefined;
  // An IPv6 address is bracketed, and nothing else is.
  return isIPv6(host) === rawHost.startsWith('[') ? { host, port } : undefined;
}

/** `host:port` as it is written in an authority. */
export const authorityText = ({ host, port }: Authority): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
