/** What an operator should look at twice in a host's name before opening it. */

import { domainToUnicode } from 'node:url';
import { isOneEdit } from '../../rules/near-names.ts';

/** Hosts that developers know by sight, so that others are made to look like them. */
const WELL_KNOWN = [
  'api.anthropic.com',
  'api.github.com',
  'api.openai.com',
  'bitbucket.org',
  'docker.io',
  'github.com',
  'gitlab.com',
  'googleapis.com',
  'huggingface.co',
  'raw.githubusercontent.com',
];

/** Letters that are taken for each other at a glance, each in one form. */
const skeleton = (host: string): string =>
  host
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd')
    .replace(/[0o]/g, 'o')
    .replace(/[1li|]/g, 'l')
    .replace(/5/g, 's')
    .replace(/[-_]/g, '');

const isBelow = (host: string, parent: string): boolean => host.endsWith(`.${parent}`);

function likeness(host: string, known: string): string | undefined {
  if (host === known || isBelow(host, known)) return undefined;
  if (host.startsWith(`${known}.`) || host.includes(`.${known}.`)) {
    return `begins with ${known}, but belongs to ${host.split('.').slice(-2).join('.')}`;
  }
  if (skeleton(host) === skeleton(known)) return `is easily taken for ${known}`;
  if (known.length >= 7 && isOneEdit(host, known)) return `differs from ${known} by one letter`;
  return undefined;
}

/** Warnings about `host`, which is canonical; `known` are the hosts that the bottle may reach already. */
export function hostWarnings(host: string, known: readonly string[]): readonly string[] {
  const encoded = host.split('.').filter((label) => label.startsWith('xn--'));
  const shown = domainToUnicode(host);
  const punycode =
    encoded.length === 0
      ? []
      : [`${host} is an encoded name that programs show as ${shown === '' ? 'nothing readable' : shown}`];
  const isKnown = known.includes(host) || WELL_KNOWN.includes(host);
  const hosts = [...new Set([...known.map((entry) => entry.replace(/^\*\./, '')), ...WELL_KNOWN])];
  const alike = isKnown ? [] : hosts.flatMap((one) => likeness(host, one) ?? []).map((reason) => `${host} ${reason}`);
  return [...punycode, ...alike.slice(0, 3)];
}
