/** Routes and entries of the allowlist that say the same twice, or the wider of which makes the narrower idle. */

import { listed, quoted } from '../plan/index.ts';
import { allowProblem } from './hosts.ts';
import { decodedPath, isBelowPrefix } from './path-prefix.ts';
import { isShared } from './public-suffix.ts';
import type { Rule } from './rule.ts';

/** `host` and every domain that it is in, from the nearest: a wildcard over one of these covers it. */
const domains = (host: string): readonly string[] => {
  const labels = host.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
};

const suffixOf = (entry: string): string | undefined => (entry.startsWith('*.') ? entry.slice(2) : undefined);

/** Most names that a finding lists. */
const SHOWN = 3;

export const OVERLAP_RULES: readonly Rule[] = [
  {
    id: 'bottles::route-prefix-overlap',
    severity: 'warning',
    what: 'a path prefix that another one of the same route covers, or that covers every path',
    why: 'the narrower one has no effect, so the route is wider than it looks',
    fix: 'remove the one that is too wide, or the one that has no effect',
    *check({ sidecars: { egress } }) {
      for (const route of egress?.routes ?? []) {
        const prefixes = route.pathPrefixes ?? [];
        const read = prefixes.map((prefix) => decodedPath(prefix) ?? prefix);
        for (const [index, prefix] of prefixes.entries()) {
          const inner = read[index] ?? '';
          const outer = prefixes.find((_, other) => read[other] !== inner && isBelowPrefix(inner, read[other] ?? ''));
          const problem =
            outer !== undefined
              ? `has no effect beside ${quoted(outer)}`
              : inner === '/' && prefixes.length === 1
                ? 'covers every path, as a route without `pathPrefixes` does'
                : undefined;
          if (problem === undefined) continue;
          yield {
            path: egress?.path ?? '',
            part: route,
            message: `path prefix ${quoted(prefix)} of route ${quoted(route.host)} ${problem}`,
          };
        }
      }
    },
  },
  {
    id: 'bottles::allow-overlap',
    severity: 'warning',
    what: 'an entry of pipelock’s `allow` that overlaps with a route or with another entry',
    why: 'pipelock allows the host of every route anyway, without its methods and paths, which egress alone judges; and the wider of two entries is the one that holds',
    fix: 'keep the route, or the entry that is meant',
    *check({ sidecars: { pipelock, egress } }) {
      const routes = (egress?.routes ?? []).map(({ host }) => host);
      const entries = pipelock.allow.filter((entry) => allowProblem(entry) === undefined);
      const wildcards = new Set(entries.flatMap((entry) => suffixOf(entry) ?? []));
      const routed = new Map<string, string[]>();
      for (const host of routes) {
        for (const domain of domains(host)) routed.set(domain, [...(routed.get(domain) ?? []), host]);
      }
      for (const entry of entries) {
        const suffix = suffixOf(entry);
        const wider = domains(suffix ?? entry).find((domain) => domain !== suffix && wildcards.has(domain));
        const below = (suffix === undefined ? routes.filter((host) => host === entry) : routed.get(suffix)) ?? [];
        const shown = listed([...below.slice(0, SHOWN).map(quoted), ...(below.length > SHOWN ? ['more'] : [])]);
        const problems = [
          ...(wider === undefined ? [] : [`is covered by ${quoted(`*.${wider}`)}`]),
          ...(below.length === 0 ? [] : [`covers ${below.length === 1 ? 'the route to' : 'the routes to'} ${shown}`]),
        ];
        for (const problem of problems) {
          yield { path: pipelock.path, part: pipelock, message: `\`allow\` entry ${quoted(entry)} ${problem}` };
        }
      }
    },
  },
  {
    id: 'bottles::allow-shared-suffix',
    severity: 'warning',
    what: 'a wildcard over names that a service gives to anybody, e.g. `*.github.io`',
    why: 'whoever wants to receive what the agent sends gets a name there in a minute',
    fix: 'name the hosts that are needed, one by one',
    *check({ sidecars: { pipelock } }) {
      for (const entry of pipelock.allow) {
        const suffix = suffixOf(entry);
        if (suffix === undefined || allowProblem(entry) !== undefined || !isShared(suffix)) continue;
        yield {
          path: pipelock.path,
          part: pipelock,
          message: `\`allow\` entry ${quoted(entry)} covers names that anybody can have`,
        };
      }
    },
  },
];
