/** The names by which the agent finds the daemons. */

import {
  agentUrls,
  DAEMON_PORT,
  DNS_LABEL,
  daemonAliases,
  listed,
  portOf,
  quoted,
  sidecarContainers,
} from '../plan/index.ts';
import { uniqueNames } from './app-view.ts';
import { firstOf, someOf } from './others.ts';
import type { Rule } from './rule.ts';

export const ALIAS_RULES: readonly Rule[] = [
  {
    id: 'bottles::alias-dns-label',
    severity: 'error',
    what: 'an alias or container name that is no DNS label',
    why: 'a resolver would not find the daemon, or find another one',
    fix: 'choose a slug of lower-case letters, digits and inner hyphens, at most 39 characters',
    *check(bottle) {
      const places = sidecarContainers(bottle).flatMap(({ attachments }) => attachments);
      const names = new Set([...uniqueNames(bottle), ...places.flatMap(({ aliases }) => aliases)]);
      for (const name of names) {
        if (DNS_LABEL.test(name)) continue;
        yield {
          path: bottle.path,
          message: `name ${quoted(name)} is no DNS label; allowed: lower-case letters, digits and inner hyphens, at most 63 characters`,
        };
      }
    },
  },
  {
    id: 'bottles::alias-unique',
    severity: 'error',
    what: 'an alias or container name that two bottles of the app claim',
    why: 'the name would lead to the wrong container, and a deploy of one bottle would take the other one down',
    fix: 'give each bottle a slug of its own',
    *check(bottle, app) {
      for (const name of uniqueNames(bottle)) {
        // Two bottles of one slug share every name; that is the finding of bottles::slug-unique.
        const foreign = firstOf(app.byName.get(name) ?? [], ({ slug }) => slug !== bottle.slug);
        if (foreign.length === 0) continue;
        yield {
          path: bottle.path,
          message: `name ${quoted(name)} is also a name of ${someOf(foreign)}; allowed: one owner`,
        };
      }
    },
  },
  {
    id: 'bottles::url-resolves',
    severity: 'error',
    what: 'a URL that the agent gets and that leads to no daemon of the bottle',
    why: 'the agent would be without its proxy, its remotes or its operator, and look elsewhere for them',
    fix: 'declare the daemon, or leave out what needs it',
    *check(bottle) {
      const aliases = daemonAliases(bottle);
      for (const { what, url } of agentUrls(bottle)) {
        // A name that no URL can hold is no DNS label, which is told as such.
        if (!URL.canParse(url)) continue;
        const { hostname } = new URL(url);
        const target = aliases.find(({ alias }) => alias.toLowerCase() === hostname);
        if (target !== undefined && DAEMON_PORT[target.daemon] === portOf(url)) continue;
        yield {
          path: bottle.sidecars.path,
          part: bottle.sidecars,
          message: `the agent's URL for ${what}, ${quoted(url)}, leads to no daemon that is on; on are ${listed(bottle.sidecars.daemons)}`,
        };
      }
    },
  },
];
