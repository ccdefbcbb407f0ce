/** Hosts that are not what a reader takes them for. */

import { domainToUnicode } from 'node:url';
import { listed, quoted } from '../plan/index.ts';
import { hostProblem } from './hosts.ts';
import { namedHosts } from './named-hosts.ts';
import { nearNames } from './near-names.ts';
import { registeredName } from './public-suffix.ts';
import type { Rule } from './rule.ts';
import { isMixed, scriptsOf } from './scripts.ts';

/** Names that many definitions hold, and that are therefore imitated. */
const WELL_KNOWN = [
  'anthropic.com',
  'bitbucket.org',
  'crates.io',
  'debian.org',
  'docker.com',
  'github.com',
  'githubusercontent.com',
  'gitlab.com',
  'google.com',
  'googleapis.com',
  'microsoft.com',
  'nodejs.org',
  'npmjs.org',
  'openai.com',
  'pythonhosted.org',
  'python.org',
  'rubygems.org',
  'sentry.io',
  'ubuntu.com',
];
const NEAR_WELL_KNOWN = nearNames(WELL_KNOWN);

/** The last two and the last three labels: one of them is, or is next to, the name that somebody has registered. */
const tails = (host: string): readonly string[] => {
  const labels = host.split('.');
  return [2, 3].flatMap((count) => (labels.length >= count ? [labels.slice(-count).join('.')] : []));
};

/** The labels of a host that are written in punycode, as they read. */
const readings = (host: string): readonly { readonly label: string; readonly reads: string }[] =>
  host
    .split('.')
    .filter((label) => label.startsWith('xn--'))
    .map((label) => ({ label, reads: domainToUnicode(label) }))
    .filter(({ reads }) => reads !== '');

export const LOOK_ALIKE_RULES: readonly Rule[] = [
  {
    id: 'bottles::host-mixed-scripts',
    severity: 'error',
    what: 'a host with letters of several scripts in one label, in punycode',
    why: 'no language is written so; names like this are made to be taken for others',
    fix: 'type the host that is meant by hand, and find out where this one came from',
    *check(bottle) {
      for (const { host, what, path, part } of namedHosts(bottle)) {
        const mixed = readings(host).find(({ reads }) => isMixed(reads));
        if (mixed === undefined) continue;
        yield {
          path,
          part,
          message: `${what} ${quoted(host)} reads ${quoted(domainToUnicode(host))}, in ${listed(scriptsOf(mixed.reads))} mixed; allowed: one script in a label`,
        };
      }
    },
  },
  {
    id: 'bottles::host-punycode',
    severity: 'warning',
    what: 'a host whose name is not in ASCII but written in punycode',
    why: 'letters of other scripts look like Latin ones, and nobody sees in punycode what the name reads',
    fix: 'acknowledge it if that is the name that you mean',
    *check(bottle) {
      for (const { host, what, path, part } of namedHosts(bottle)) {
        const read = readings(host).map(({ reads }) => reads);
        if (read.length === 0 || read.some(isMixed)) continue;
        yield {
          path,
          part,
          message: `${what} ${quoted(host)} reads ${quoted(domainToUnicode(host))}, in ${listed(scriptsOf(read.join('')))}`,
        };
      }
    },
  },
  {
    id: 'bottles::host-near-miss',
    severity: 'warning',
    what: 'a host in a domain that differs by one letter, or by letters that look alike, from that of another declared host or from a well-known one',
    why: 'one of the two is probably mistyped, and whoever has registered it gets what is sent there, credential included',
    fix: 'correct the name that is mistyped, or acknowledge it if both are meant',
    *check(bottle) {
      const declared = nearNames();
      const hosts = new Map<string, string>();
      for (const { host, what, path, part } of namedHosts(bottle)) {
        // What is no host at all is an error of its own, and nothing is near it.
        if (hostProblem(host, true) !== undefined) continue;
        const ends = tails(host);
        const other = ends
          .flatMap((tail) => [...declared.near(tail), ...NEAR_WELL_KNOWN.near(tail)])
          // The tails of `a.example.com` and `b.example.com` are near each other, and both are of one owner.
          .find((near) => registeredName(near) !== registeredName(host));
        for (const tail of ends) {
          declared.add(tail);
          if (!hosts.has(tail)) hosts.set(tail, host);
        }
        if (other === undefined) continue;
        const known = hosts.get(other);
        yield {
          path,
          part,
          message: `${what} ${quoted(host)} is near ${quoted(other)}${known === undefined || known === other ? '' : `, as in ${quoted(known)}`}`,
        };
      }
    },
  },
];
